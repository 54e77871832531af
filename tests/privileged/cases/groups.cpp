#include "tests/privileged/cases/groups.h"

namespace privileged {

const Group* groups() {
  static const Group kGroups[] = {
      {"load", segment_loads}, {"query", descriptor_queries}, {"far", far_transfers},
      {"gate", gates},         {"int", interrupts},           {"ret", returns},
      {"task", tasks},
      {"stack", gate_stacks},
      {"page", page_rights},
      {nullptr, nullptr},
  };
  return kGroups;
}

}  // namespace privileged

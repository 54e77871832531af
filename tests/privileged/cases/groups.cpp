#include "tests/privileged/cases/groups.h"

namespace privileged {

const Group* groups() {
  static const Group kGroups[] = {
      {"load", segment_loads},
      {"query", descriptor_queries},
      {"far", far_transfers},
      {"gate", gates},
      {"int", interrupts},
      {"ret", returns},
      {"task", tasks},
      {"stack", gate_stacks},
      {"page", page_rights},
      {"debug", debug_registers},
      {"shadow", shadows},
      {"io", io_map},
      {"system", system_registers},
      {"ring", privileged_instructions},
      {"v86", virtual_8086},
      {"real", real_mode},
      {"limit", limits},
      {"align", alignment},
      {"fast", fast_calls},
      // Last, because an emulator that gets one of these wrong may end here.
      {"double", double_faults},
      {"cr0", refused_cr0},
      {nullptr, nullptr},
  };
  return kGroups;
}

}  // namespace privileged

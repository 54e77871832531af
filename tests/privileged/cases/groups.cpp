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
      {"opcode", undefined_opcodes},
      {"float", coprocessor},
      {"absent", absent_tables},
      // Last, because an emulator that gets one of these wrong may end here.
      {"double", double_faults},
      {"refused", refused_values},
      {"stop", stopping_opcodes},
      {nullptr, nullptr},
  };
  return kGroups;
}

}  // namespace privileged

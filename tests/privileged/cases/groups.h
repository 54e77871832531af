// The groups of cases, in the order in which they run.
#pragma once

namespace privileged {

struct Group {
  const char* name;
  void (*run)();
};

/// Ends with an entry without a name.
const Group* groups();

void segment_loads();
void descriptor_queries();
void far_transfers();
void gates();
void interrupts();
void returns();
void tasks();
void gate_stacks();
void page_rights();
void debug_registers();
void shadows();
void io_map();
void double_faults();
void system_registers();
void privileged_instructions();
void virtual_8086();
void real_mode();
void limits();
void alignment();
void fast_calls();
void undefined_opcodes();
void coprocessor();
void absent_tables();
void refused_values();
void stopping_opcodes();

}  // namespace privileged

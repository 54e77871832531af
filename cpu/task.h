// Hardware task switching.
#pragma once

#include <cstdint>

#include "cpu/descriptor.h"

namespace ringside {

enum class TaskSwitch : std::uint8_t {
  kJump,
  kCall,
  kInterrupt,  ///< INT n, INT3, INTO, INT1 through a task gate
  kDelivery,   ///< exception or external interrupt: later faults belong to the delivery
  kIret,
};

/// What a task switch brings along beside the new TSS.
struct TaskEntry {
  TaskSwitch reason;
  std::uint32_t saved_eflags;   ///< image for the old TSS
  bool has_error_code = false;  ///< an exception that pushes one
  std::uint32_t error_code = 0;
};

/// Switches to the task of `tss`, whose descriptor the caller has found fit (available, or busy for IRET,
/// and present). Faults before the commit point are raised in the old task. Faults after it belong to the
/// new one: they are thrown for kDelivery, and delivered here otherwise, so that the caller just returns.
void switch_task(Cpu& cpu, std::uint16_t selector, Descriptor tss, const TaskEntry& entry);

/// Finds and checks the available TSS that a task gate names.
Descriptor task_gate_tss(Cpu& cpu, Descriptor gate);

}  // namespace ringside

// What the board's maker has left in the battery-backed memory for the BIOS.
#pragma once

#include "devices/rtc_mc146818.h"
#include "machine/machine_config.h"

namespace ringside {

/// Memory sizes, boot order, drive types and the checksum.
void set_up_cmos(RtcMc146818& rtc, const MachineConfig& config);

}  // namespace ringside

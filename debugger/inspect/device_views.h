// The chips at datasheet level.
#pragma once

#include <string>

#include "debugger/inspect/document.h"
#include "debugger/inspect/session.h"

namespace ringside {

/// The 16 request lines of the controllers, for a drawing.
struct PicLines {
  struct Line {
    const char* device = "";
    bool high = false, requested = false, masked = false, in_service = false;
    std::uint8_t vector = 0;
  };
  Line lines[16];
  bool intr = false;
  bool accepted = false;  ///< IF is set: the processor would take it
};
PicLines pic_lines(const Session& session);
/// "timer, IRQ 0": the device behind a vector, as the controllers are programmed now; empty: none.
std::string irq_name(const Session& session, unsigned vector);

Document view_pic(const Session& session);
Document view_pit(const Session& session);
Document view_kbc(const Session& session);
Document view_uart(const Session& session);
Document view_rtc(const Session& session);
Document view_ide(const Session& session);
Document view_vga(const Session& session);
Document view_dma(const Session& session);
Document view_pci(const Session& session);

Document view_log(const Session& session);
Document view_statistics(const Session& session);

}  // namespace ringside

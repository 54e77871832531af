// Clock, disks, display, DMA, PCI.
#include <array>

#include "debugger/inspect/device_views.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr FieldInfo kRtcA[] = {
    {"UIP", 7, 7, "Update in progress: the time must not be read now."},
    {"DV", 6, 4, "Divider: 2 is the 32,768 Hz crystal, all else stops the clock."},
    {"RS", 3, 0, "Rate of the periodic interrupt: 6 is 1024 Hz."},
};
constexpr FieldInfo kRtcB[] = {
    {"SET", 7, 7, "The clock stands so that it can be set."},
    {"PIE", 6, 6, "Periodic interrupt."},
    {"AIE", 5, 5, "Alarm interrupt."},
    {"UIE", 4, 4, "Interrupt after each update (once a second)."},
    {"SQWE", 3, 3, "Square wave (no pin here)."},
    {"DM", 2, 2, "Binary; else BCD."},
    {"24", 1, 1, "24 hours; else 12."},
    {"DSE", 0, 0, "Daylight saving (without effect)."},
};
constexpr FieldInfo kRtcC[] = {
    {"IRQF", 7, 7, "IRQ 8 is raised; reading this register ends it."},
    {"PF", 6, 6, "The period is over."},
    {"AF", 5, 5, "The alarm time came."},
    {"UF", 4, 4, "An update has ended."},
};
constexpr FieldInfo kAtaStatus[] = {
    {"BSY", 7, 7, "Busy: nothing else counts."},
    {"DRDY", 6, 6, "Ready for commands."},
    {"DF", 5, 5, "Device fault."},
    {"DSC", 4, 4, "Seek complete."},
    {"DRQ", 3, 3, "Wants data moved at the data port."},
    {"ERR", 0, 0, "The last command failed; see the error register."},
};

const char* stage_name(AtaDisk::Stage stage) {
  switch (stage) {
    case AtaDisk::Stage::kIdle: return "idle";
    case AtaDisk::Stage::kExecute: return "executes the command";
    case AtaDisk::Stage::kReadNext: return "reads the next block";
    case AtaDisk::Stage::kDataIn: return "the guest reads data";
    case AtaDisk::Stage::kDataOut: return "the guest writes data";
    case AtaDisk::Stage::kWriteNext: return "writes the block";
    case AtaDisk::Stage::kResetting: return "resets";
  }
  return "";
}

const char* ata_command(std::uint8_t code) {
  switch (code) {
    case 0x20: case 0x21: return "READ SECTORS";
    case 0x24: return "READ SECTORS EXT";
    case 0xC4: return "READ MULTIPLE";
    case 0x29: return "READ MULTIPLE EXT";
    case 0x30: case 0x31: return "WRITE SECTORS";
    case 0x34: return "WRITE SECTORS EXT";
    case 0xC5: return "WRITE MULTIPLE";
    case 0xEC: return "IDENTIFY DEVICE";
    case 0xEF: return "SET FEATURES";
    case 0xC6: return "SET MULTIPLE MODE";
    case 0x91: return "INITIALIZE DEVICE PARAMETERS";
    case 0xE7: case 0xEA: return "FLUSH CACHE";
    case 0x90: return "EXECUTE DEVICE DIAGNOSTIC";
    case 0x00: return "none";
    default: return "";
  }
}

void add_drive(Document& document, const AtaDisk& disk, const std::string& name) {
  if (!disk.present()) {
    document.heading(name);
    document.say("no drive", Tone::kDim);
    return;
  }
  const AtaDisk::State& s = disk.state();
  Table& table = document.table(name);
  const std::uint64_t sectors = disk.medium() != nullptr ? disk.medium()->sectors() : 0;
  table.add({label("medium"), plain(grouped(sectors) + " sectors, " + size_text(sectors * 512))});
  table.add({label("command"), plain(hex8(s.command) + "h " + ata_command(s.command))});
  table.add({label("stage"), plain(stage_name(s.stage))});
  table.add({label("sectors to go"), plain(std::to_string(s.remaining))});
  table.add({label("next sector"), plain(grouped(s.next_sector))});
  table.add({label("in the buffer", "Bytes moved of this block."), plain(format("%u of %u", s.position, s.length))});
  const auto pair = [](AtaDisk::Pair p) { return hex8(p.now) + " (" + hex8(p.before) + ")"; };
  table.add({label("features", "In brackets what was written before: LBA48 commands take both."), plain(pair(s.features))});
  table.add({label("count"), plain(pair(s.count))});
  table.add({label("LBA l, m, h", "LBA low, mid and high; cylinder and sector to old commands."), plain(pair(s.lba_low) + " " + pair(s.lba_mid) + " " + pair(s.lba_high))});
  table.add({label("device"), plain(hex8(s.device))});
  table.add({label("error"), plain(hex8(s.error))});
  table.add({label("INTRQ"), plain(s.interrupt ? "pending" : "no")});
  document.strip(register_strip(name + ", status", s.status, kAtaStatus, 8));
}

template <std::size_t N>
void add_registers(Document& document, const std::string& title, const std::array<std::uint8_t, N>& values, const char* const* names) {
  Table& table = document.table(title, {"index", "value", ""});
  for (std::size_t i = 0; i < N; ++i) table.add({label(hex8(static_cast<std::uint8_t>(i))), plain(hex8(values[i])), dim(names[i])});
}

std::string vga_mode(const VgaRegisters& r) {
  if (!r.graphics_mode()) return format("text, %u columns of %u dots, %u rows of %u lines", r.columns(), r.dots_per_character(), r.rows(), r.row_height());
  const bool colours256 = (r.graphics[5] & 0x40) != 0;
  return format("graphics, %u x %u, ", r.columns() * 8 / (colours256 ? 2 : 1), r.lines() / (r.line_repeat() * r.row_height())) +
         (colours256 ? (r.chain4() ? "256 colours, chained" : "256 colours, planar") : "16 colours, planar");
}

void add_function(Document& document, const PciFunction& f, unsigned device, unsigned function) {
  const std::string name = format("00:%02X.%u", device, function);
  Table& table = document.table(name + format("  vendor %04X, device %04X", f.config16(0), f.config16(2)));
  table.add({label("class"), plain(format("%02X%02X%02X, revision %02X", f.config8(11), f.config8(10), f.config8(9), f.config8(8)))});
  table.add({label("command"), plain(hex16(f.config16(4)) + std::string((f.config16(4) & 1) != 0 ? " I/O" : "") + ((f.config16(4) & 2) != 0 ? " memory" : "") + ((f.config16(4) & 4) != 0 ? " master" : ""))});
  for (unsigned i = 0; i < 6; ++i)
    if (const std::uint32_t base = f.config32(0x10 + 4 * i); base != 0)
      table.add({label(format("base address %u", i)), plain(hex32(base)), dim((base & 1) != 0 ? "I/O" : "memory")});
  table.add({label("interrupt"), plain(format("line %u, pin %u", f.config8(0x3C), f.config8(0x3D)))});
  for (unsigned row = 0; row < 256; row += 16) {
    std::string bytes;
    bool any = false;
    for (unsigned i = 0; i < 16; ++i) {
      bytes += hex8(f.config8(row + i)) + (i == 15 ? "" : " ");
      any |= f.config8(row + i) != 0;
    }
    if (any) table.add({dim(hex8(static_cast<std::uint8_t>(row))), dim(bytes)});
  }
}

}  // namespace

Document view_rtc(const Session& session) {
  Document document;
  const RtcMc146818& rtc = session.machine().rtc();
  const auto digits = [&](unsigned reg) { return (rtc.peek(RtcMc146818::kB) & 4) != 0 ? std::to_string(rtc.peek(reg)) : hex8(rtc.peek(reg)); };
  Table& table = document.table("MC146818, ports 70h and 71h, IRQ 8");
  table.add({label("date"), plain(digits(RtcMc146818::kCentury) + digits(RtcMc146818::kYear) + "-" + digits(RtcMc146818::kMonth) + "-" + digits(RtcMc146818::kDayOfMonth))});
  table.add({label("time"), plain(digits(RtcMc146818::kHours) + ":" + digits(RtcMc146818::kMinutes) + ":" + digits(RtcMc146818::kSeconds))});
  table.add({label("alarm"), plain(hex8(rtc.peek(RtcMc146818::kHoursAlarm)) + ":" + hex8(rtc.peek(RtcMc146818::kMinutesAlarm)) + ":" + hex8(rtc.peek(RtcMc146818::kSecondsAlarm)))});
  table.add({label("index", "The register that port 71h means."), plain(hex8(rtc.state().index))});
  table.add({label("NMI"), plain(rtc.nmi_masked() ? "masked (port 70h, bit 7)" : "open")});
  document.strip(register_strip("Register A", rtc.peek(RtcMc146818::kA), kRtcA, 8));
  document.strip(register_strip("Register B", rtc.peek(RtcMc146818::kB), kRtcB, 8));
  document.strip(register_strip("Register C", rtc.peek(RtcMc146818::kC), kRtcC, 8));
  Table& cmos = document.table("CMOS memory", {"", "bytes"});
  for (unsigned row = 0; row < 128; row += 16) {
    std::string bytes;
    for (unsigned i = 0; i < 16; ++i) bytes += hex8(rtc.peek(row + i)) + (i == 15 ? "" : " ");
    cmos.add({label(hex8(static_cast<std::uint8_t>(row))), plain(bytes)});
  }
  return document;
}

namespace {

Document view_ide_commands(const Session& session) {
  Document document;
  const std::deque<DiskCommand>& commands = session.disks().commands();
  if (commands.empty()) return document;
  Table& table = document.table("Last commands, the latest first", {"tick", "drive", "command", "sector", "count"});
  for (auto c = commands.rbegin(); c != commands.rend(); ++c) {
    const bool to_come = c->moment >= session.machine().moment();
    table.add({{grouped(c->moment.tick), Tone::kPlain, to_come ? "In the known future; click to travel there" : "Click to travel there", {LinkKind::kTick, c->moment.tick}, false},
               dim(std::string(c->channel == 0 ? "primary " : "secondary ") + (c->drive == 0 ? "master" : "slave")),
               {hex8(c->code) + "h " + ata_command(c->code), to_come ? Tone::kDim : Tone::kPlain, "", {}, false},
               plain(c->count != 0 ? grouped(c->sector) : ""), plain(c->count != 0 ? std::to_string(c->count) : "")});
  }
  return document;
}

}  // namespace

Document view_ide(const Session& session) {
  Document document;
  static constexpr const char* kNames[2] = {"Primary channel (1F0h, IRQ 14)", "Secondary channel (170h, IRQ 15)"};
  for (unsigned channel = 0; channel < 2; ++channel) {
    const IdeController& ide = session.machine().ide(channel);
    document.say(std::string(kNames[channel]) + format(": drive %u is selected, interrupts are ", ide.state().selected) + ((ide.state().control & 2) != 0 ? "off (nIEN)." : "on."));
    for (unsigned drive = 0; drive < 2; ++drive) {
      if (!ide.drive(drive).present() && drive == 1) continue;
      add_drive(document, ide.drive(drive), std::string(channel == 0 ? "Primary " : "Secondary ") + (drive == 0 ? "master" : "slave"));
    }
  }
  document.append(view_ide_commands(session));
  return document;
}

Document view_vga(const Session& session) {
  static constexpr const char* kSequencer[] = {"reset", "clocking mode", "map mask: planes written", "character map select", "memory mode"};
  static constexpr const char* kGraphics[] = {"set/reset", "enable set/reset", "colour compare", "data rotate, operation", "read map select",
                                              "mode: write mode, read mode, shift", "miscellaneous: graphics, memory map", "colour don't care", "bit mask"};
  static constexpr const char* kCrtc[] = {"horizontal total", "horizontal display end", "start horizontal blanking", "end horizontal blanking",
                                          "start horizontal retrace", "end horizontal retrace", "vertical total", "overflow: ninth bits",
                                          "preset row scan", "maximum scan line", "cursor start", "cursor end", "start address high",
                                          "start address low", "cursor location high", "cursor location low", "vertical retrace start",
                                          "vertical retrace end, protect", "vertical display end", "offset: row pitch", "underline location",
                                          "start vertical blanking", "end vertical blanking", "mode control", "line compare"};
  static constexpr const char* kAttribute[] = {"palette 0", "palette 1", "palette 2", "palette 3", "palette 4", "palette 5", "palette 6",
                                               "palette 7", "palette 8", "palette 9", "palette A", "palette B", "palette C", "palette D",
                                               "palette E", "palette F", "mode control", "overscan colour", "colour plane enable",
                                               "horizontal pixel panning", "colour select"};
  Document document;
  const VgaRegisters& r = session.machine().vga().registers();
  document.say(vga_mode(r) + (r.blanked() ? "; the screen is blanked" : ""));
  document.say("Miscellaneous output " + hex8(r.misc) + (r.colour() ? ": colour, ports 3Dxh" : ": monochrome, ports 3Bxh") +
               format("; start address %04X, cursor at %04X", r.start_address(), r.cursor_address()));
  add_registers(document, "Sequencer, 3C4h", r.sequencer, kSequencer);
  add_registers(document, "Graphics controller, 3CEh", r.graphics, kGraphics);
  add_registers(document, "CRT controller, 3D4h", r.crtc, kCrtc);
  add_registers(document, "Attribute controller, 3C0h", r.attribute, kAttribute);
  return document;
}

Document view_dma(const Session& session) {
  static constexpr const char* kUses[] = {"-", "-", "floppy", "-", "cascade", "-", "-", "-"};
  Document document;
  const Dma8237a& dma = session.machine().dma();
  Table& table = document.table("Two 8237A, four channels each", {"channel", "use", "address", "count", "base address", "base count", "mode", ""});
  for (unsigned i = 0; i < 8; ++i) {
    const Dma8237a::Channel& c = dma.state().controllers[i / 4].channels[i % 4];
    table.add({label(std::to_string(i)), plain(kUses[i]), plain(hex32(dma.physical_address(i)), "", {LinkKind::kPhysical, dma.physical_address(i)}), plain(hex16(c.count)),
               dim(hex16(c.base_address)), dim(hex16(c.base_count)), plain(hex8(c.mode)), dma.masked(i) ? dim("masked") : toned("open", Tone::kGood)});
  }
  document.say("The last progress code of the BIOS (port 80h) is " + hex8(dma.post_code()) + "h.");
  return document;
}

Document view_pci(const Session& session) {
  Document document;
  const PciBus& pci = session.machine().pci();
  const std::uint32_t address = pci.state().address;
  document.say("CONFIG_ADDRESS (CF8h) is " + hex32(address) +
               format(": bus %u, device %u, function %u, register %02X", address >> 16 & 255, address >> 11 & 31, address >> 8 & 7, address & 0xFC) +
               ((address >> 31) != 0 ? ", enabled." : ", not enabled."));
  for (unsigned device = 0; device < 32; ++device)
    for (unsigned function = 0; function < 8; ++function)
      if (const PciFunction* f = pci.function(device, function)) add_function(document, *f, device, function);
  return document;
}

}  // namespace ringside

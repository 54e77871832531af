// Tiny guests in the place of the BIOS.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "machine/machine_config.h"
#include "machine/temporary_file.h"

namespace ringside {

/// A 64 KiB ROM that runs `code` at F000:0000 in real mode.
inline std::vector<std::uint8_t> rom_of(const std::vector<std::uint8_t>& code) {
  std::vector<std::uint8_t> rom(0x10000, 0xF4);
  std::copy(code.begin(), code.end(), rom.begin());
  const std::vector<std::uint8_t> jump = {0xEA, 0x00, 0x00, 0x00, 0xF0};  // JMP F000:0000
  std::copy(jump.begin(), jump.end(), rom.begin() + 0xFFF0);
  return rom;
}

/// Counts, halts every sixteenth round until the timer's interrupt, and echoes what comes in on COM1.
inline const std::vector<std::uint8_t> kBusyProgram = {
    0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xD0, 0xBC, 0x00, 0x7C,  // DS = SS = 0, SP = 7C00h
    0xC7, 0x06, 0x20, 0x00, 0x57, 0x00,                    // vector 8: F000:0057
    0xC7, 0x06, 0x22, 0x00, 0x00, 0xF0,                    //
    0xB0, 0x11, 0xE6, 0x20, 0xB0, 0x08, 0xE6, 0x21,        // 8259A: ICW1, ICW2 = 8
    0xB0, 0x04, 0xE6, 0x21, 0xB0, 0x01, 0xE6, 0x21,        // ICW3, ICW4
    0xB0, 0xFE, 0xE6, 0x21,                                // all but IRQ 0 masked
    0xB0, 0x34, 0xE6, 0x43, 0xB0, 0x00, 0xE6, 0x40,        // 8254: counter 0, mode 2, every 400h clocks
    0xB0, 0x04, 0xE6, 0x40,                                //
    0xBA, 0xFB, 0x03, 0xB0, 0x03, 0xEE,                    // COM1: 8 bits
    0xFB,                                                  // STI
    0xFF, 0x06, 0x00, 0x05,                                // loop: INC WORD [500h]
    0xBA, 0xFD, 0x03, 0xEC, 0xA8, 0x01, 0x74, 0x05,        // nothing received: over
    0xBA, 0xF8, 0x03, 0xEC, 0xEE,                          // echo
    0xF6, 0x06, 0x00, 0x05, 0x0F, 0x75, 0xE8,              // TEST BYTE [500h], 0Fh; JNZ loop
    0xF4, 0xEB, 0xE5,                                      // HLT; JMP loop
    0x50, 0xFF, 0x06, 0x00, 0x06,                          // vector 8: INC WORD [600h]
    0xB0, 0x20, 0xE6, 0x20, 0x58, 0xCF,                    // EOI, IRET
};

/// Keeps the ROMs of its machines in files for as long as it lives.
class BusyGuest {
 public:
  /// Writes sector 5 of the first disk.
  inline static const std::vector<std::uint8_t> kWriteASector = {
      0xBA, 0xF6, 0x01, 0xB0, 0xE0, 0xEE, 0xBA, 0xF2, 0x01, 0xB0, 0x01, 0xEE,  // drive 0, LBA; one sector
      0x42, 0xB0, 0x05, 0xEE, 0x42, 0xB0, 0x00, 0xEE, 0x42, 0xB0, 0x00, 0xEE,  // the fifth
      0xBA, 0xF7, 0x01, 0xB0, 0x30, 0xEE, 0xEC, 0xA8, 0x08, 0x74, 0xFB,        // WRITE SECTORS; until DRQ
      0xBA, 0xF0, 0x01, 0xB9, 0x00, 0x01, 0xB8, 0x34, 0x12, 0xEF, 0xE2, 0xFD,  // 256 words
      0xEB, 0xFE,
  };

  MachineConfig config(const std::vector<std::uint8_t>& code = kBusyProgram) {
    roms_.push_back(std::make_unique<TemporaryFile>(rom_of(code)));
    MachineConfig config;
    config.memory = 2 << 20;
    config.bios = roms_.back()->path();
    return config;
  }

 private:
  std::vector<std::unique_ptr<TemporaryFile>> roms_;
};

}  // namespace ringside

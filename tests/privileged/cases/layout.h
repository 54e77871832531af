// Where everything lies in the machine's memory, for the kernel and for the model alike. All linear addresses
// equal physical ones unless a case says otherwise.
#pragma once

#include <stdint.h>

namespace privileged {

// Below 64 KiB: what real and virtual-8086 mode can reach.
constexpr uint32_t kVectors = 0;         ///< interrupt vector table of real mode
constexpr uint32_t kRealStubs = 0x9000;  ///< 256 stubs of 8 bytes
constexpr uint32_t kRealCode = 0x6000;   ///< code under test in real and virtual-8086 mode
constexpr uint32_t kRealHandlers =
    0x5000;  ///< handlers that virtual-8086 code reaches by redirection, 4 bytes each
constexpr uint32_t kRealStack = 0x4000;  ///< base of its stack segment, top at offset 0F00h
constexpr uint32_t kRealData = 0x3000;

constexpr uint32_t kGdt = 0x200000;
constexpr uint32_t kGdtLimit = 0xFFF;
constexpr uint32_t kLdt = 0x201000;
constexpr uint32_t kLdtLimit = 0x7F;
constexpr uint32_t kIdt = 0x202000;
constexpr uint32_t kMainTss = 0x203000;  ///< up to 8 KiB of I/O map behind it
constexpr uint32_t kMainTssLimit = 0x20FF;
constexpr uint32_t kTaskA = 0x207000;  ///< tasks under test
constexpr uint32_t kTaskB = 0x208000;
constexpr uint32_t kStubs = 0x20A000;  ///< 256 stubs of 16 bytes: where every vector leads
constexpr uint32_t kStubSize = 16;

// #DF, and in some groups other exceptions, are taken by tasks of their own: TSS and entry by vector.
constexpr unsigned kFaultTaskVectors = 15;
constexpr uint32_t fault_tss(unsigned vector) { return 0x206000 + 0x80 * vector; }
constexpr uint16_t fault_task(unsigned vector) { return static_cast<uint16_t>(0x200 + 8 * vector); }
constexpr uint32_t fault_entry(unsigned vector) { return kStubs + (256 + vector) * kStubSize; }

constexpr uint32_t kCode = 0x210000;      ///< the code under test
constexpr uint32_t kLanding = 0x211000;   ///< where gates and far transfers lead
constexpr uint32_t kTaskCode = 0x212000;  ///< where tasks begin
constexpr uint32_t kData = 0x213000;
constexpr uint32_t kStacks = 0x220000;  ///< a page for each ring
constexpr uint32_t kTaskStack = 0x225000;
constexpr uint32_t kFaultTaskStack = 0x227000;
constexpr uint32_t kPageTables = 0x300000;
constexpr uint32_t kPages = 0x400000;  ///< page frames under test

constexpr uint32_t stack_top(unsigned ring) { return kStacks + (ring + 1) * 0x1000 - 0x100; }

// Selectors. Those of rings carry no RPL yet.
constexpr uint16_t kKernelCode = 0x08;
constexpr uint16_t kKernelData = 0x10;
constexpr uint16_t kMainTssSelector = 0x18;
constexpr uint16_t kRealCodeSelector = 0x28;
constexpr uint16_t kRealDataSelector = 0x30;
constexpr uint16_t kLdtSelector = 0x38;
constexpr uint16_t code32(unsigned ring) { return static_cast<uint16_t>(0x40 + 8 * ring + ring); }
constexpr uint16_t data32(unsigned ring) { return static_cast<uint16_t>(0x60 + 8 * ring + ring); }
constexpr uint16_t code16(unsigned ring) { return static_cast<uint16_t>(0x80 + 8 * ring + ring); }
constexpr uint16_t data16(unsigned ring) { return static_cast<uint16_t>(0xA0 + 8 * ring + ring); }
constexpr uint16_t conforming32(unsigned dpl) { return static_cast<uint16_t>(0xC0 + 8 * dpl); }
constexpr uint16_t kTaskASelector = 0xE0;
constexpr uint16_t kTaskBSelector = 0xE8;
constexpr uint16_t kTest = 0x100;      ///< descriptors under test, 100h to 1F8h
constexpr uint16_t kTestLocal = 0x0C;  ///< and in the LDT, from 08h on

constexpr unsigned kTestVector = 0x40;  ///< IDT entries under test

}  // namespace privileged

#include "devices/host_bridge_i440fx.h"
#include "devices/isa_bridge_piix3.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

constexpr std::uint32_t at(unsigned device, unsigned function, unsigned offset) {
  return 0x80000000u | device << 11 | function << 8 | offset;
}

class ProbeFunction : public PciFunction {
 public:
  ProbeFunction() {
    set_identity(0x1234, 0x5678, 0x020000, 7);
    set_initial(0x06, 2, 0xF900, 0, 0xF900);
    set_base_address(0, true, 0x20);
    set_base_address(1, false, 0x1000);
  }
  using PciFunction::set_initial;
  int writes = 0;

 protected:
  void config_written(unsigned, unsigned) override { ++writes; }
};

class Pci : public testing::Test {
 protected:
  std::uint32_t read(std::uint32_t address, unsigned size = 4) {
    b.out32(0xCF8, address & ~3u);
    return b.ports.read(static_cast<std::uint16_t>(0xCFC + (address & 3)), size);
  }
  void write(std::uint32_t address, unsigned size, std::uint32_t value) {
    b.out32(0xCF8, address & ~3u);
    b.ports.write(static_cast<std::uint16_t>(0xCFC + (address & 3)), size, value);
  }
  bench::Bench b;
  PciBus pci{b.ports, b.log};
};

TEST_F(Pci, AddressRegisterTakesDwordsOnly) {
  b.out32(0xCF8, 0x80000000);
  EXPECT_EQ(b.in32(0xCF8), 0x80000000u) << "how Linux finds mechanism 1";
  b.out8(0xCF8, 0x55);
  EXPECT_EQ(b.in32(0xCF8), 0x80000000u);
  EXPECT_EQ(b.in8(0xCF8), 0xFF);
  b.out32(0xCF8, 0xFFFFFFFF);
  EXPECT_EQ(b.in32(0xCF8), 0x80FFFFFCu);
}

TEST_F(Pci, ResetPortBetweenIsSomebodyElses) {
  struct ResetPort : PortDevice {
    std::uint32_t read_port(std::uint16_t, unsigned) override { return 0x42; }
    void write_port(std::uint16_t, unsigned, std::uint32_t value) override { last = value; }
    std::uint32_t last = 0;
  } reset_port;
  b.ports.claim(0xCF9, 1, &reset_port);
  b.out32(0xCF8, 0x80001234);
  EXPECT_EQ(reset_port.last, 0u) << "the dword went to the address register whole";
  b.out8(0xCF9, 0x06);
  EXPECT_EQ(reset_port.last, 6u);
  EXPECT_EQ(b.in8(0xCF9), 0x42);
  EXPECT_EQ(b.in32(0xCF8), 0x80001234u);
}

TEST_F(Pci, NobodyThere) {
  EXPECT_EQ(read(at(5, 0, 0)), 0xFFFFFFFFu);
  EXPECT_EQ(read(at(5, 0, 2), 2), 0xFFFFu);
  EXPECT_EQ(read(at(5, 0, 3), 1), 0xFFu);
  write(at(5, 0, 4), 4, 7);
  ProbeFunction f;
  pci.attach(5, 0, &f);
  EXPECT_EQ(read(at(5, 0, 0)), 0x56781234u);
  EXPECT_EQ(read(at(5, 0, 0) | 1 << 16), 0xFFFFFFFFu) << "bus 1";
  EXPECT_EQ(read(at(5, 0, 0) & 0x7FFFFFFF), 0xFFFFFFFFu) << "not enabled";
  EXPECT_EQ(pci.function(5, 0), &f);
  pci.attach(5, 0, nullptr);
  EXPECT_EQ(read(at(5, 0, 0)), 0xFFFFFFFFu);
}

TEST_F(Pci, AnySizeInTheDataRegister) {
  ProbeFunction f;
  pci.attach(3, 2, &f);
  EXPECT_EQ(read(at(3, 2, 0), 1), 0x34u);
  EXPECT_EQ(read(at(3, 2, 1), 1), 0x12u);
  EXPECT_EQ(read(at(3, 2, 2), 2), 0x5678u);
  EXPECT_EQ(read(at(3, 2, 8), 4), 0x02000007u);
  EXPECT_EQ(read(at(3, 2, 11), 1), 0x02u);
  EXPECT_EQ(read(at(3, 2, 3), 2), 0xFF56u) << "past CFFh";
  write(at(3, 2, 0), 4, 0);
  EXPECT_EQ(read(at(3, 2, 0)), 0x56781234u) << "read-only";
}

TEST_F(Pci, BaseAddressesAnswerTheSizeProbe) {
  ProbeFunction f;
  pci.attach(3, 0, &f);
  write(at(3, 0, 0x10), 4, 0xFFFFFFFF);
  EXPECT_EQ(read(at(3, 0, 0x10)), 0xFFFFFFE1u);
  write(at(3, 0, 0x10), 4, 0x0000C01F);
  EXPECT_EQ(read(at(3, 0, 0x10)), 0x0000C001u);
  write(at(3, 0, 0x14), 4, 0xFFFFFFFF);
  EXPECT_EQ(read(at(3, 0, 0x14)), 0xFFFFF000u);
  write(at(3, 0, 0x18), 4, 0xFFFFFFFF);
  EXPECT_EQ(read(at(3, 0, 0x18)), 0u);
  EXPECT_EQ(f.writes, 4);
}

TEST_F(Pci, StatusIsClearedByOnes) {
  ProbeFunction f;
  pci.attach(3, 0, &f);
  write(at(3, 0, 6), 2, 0x8000);
  EXPECT_EQ(read(at(3, 0, 6), 2), 0x7900u);
  write(at(3, 0, 6), 2, 0xFFFF);
  EXPECT_EQ(read(at(3, 0, 6), 2), 0u);
  f.reset_config();
  EXPECT_EQ(read(at(3, 0, 6), 2), 0xF900u);
}

class HostBridge : public Pci {
 protected:
  HostBridge() {
    const std::vector<std::uint8_t> rom(0x40000, 0xEE);
    memory.map_rom(0xC0000, rom);
    bridge.reset();
  }
  PhysicalMemory memory{1 << 20};
  HostBridgeI440fx bridge{pci, memory};
};

TEST_F(HostBridge, IsA440fx) {
  EXPECT_EQ(read(at(0, 0, 0)), 0x12378086u);
  EXPECT_EQ(read(at(0, 0, 8)) >> 8, 0x060000u);
  EXPECT_EQ(read(at(0, 0, 0x0C)) >> 16 & 0xFF, 0u);
}

TEST_F(HostBridge, PamChoosesRomOrRam) {
  struct Area {
    unsigned pam;
    unsigned shift;
    PhysAddr first;
    PhysAddr size;
  };
  const Area areas[] = {{0x59, 4, 0xF0000, 0x10000}, {0x5A, 0, 0xC0000, 0x4000}, {0x5A, 4, 0xC4000, 0x4000},
                        {0x5B, 0, 0xC8000, 0x4000},  {0x5B, 4, 0xCC000, 0x4000}, {0x5C, 0, 0xD0000, 0x4000},
                        {0x5C, 4, 0xD4000, 0x4000},  {0x5D, 0, 0xD8000, 0x4000}, {0x5D, 4, 0xDC000, 0x4000},
                        {0x5E, 0, 0xE0000, 0x4000},  {0x5E, 4, 0xE4000, 0x4000}, {0x5F, 0, 0xE8000, 0x4000},
                        {0x5F, 4, 0xEC000, 0x4000}};
  for (const Area& area : areas) {
    for (PhysAddr a : {area.first, area.first + area.size - 1}) {
      SCOPED_TRACE(a);
      memory.write8(a, 0x11);
      EXPECT_EQ(memory.read8(a), 0xEE) << "ROM";
      write(at(0, 0, area.pam), 1, 2u << area.shift);  // writes to RAM, reads from ROM
      memory.write8(a, 0x22);
      EXPECT_EQ(memory.read8(a), 0xEE);
      write(at(0, 0, area.pam), 1, 1u << area.shift);  // reads from RAM, protected
      EXPECT_EQ(memory.read8(a), 0x22);
      memory.write8(a, 0x33);
      EXPECT_EQ(memory.read8(a), 0x22);
      write(at(0, 0, area.pam), 1, 3u << area.shift);
      memory.write8(a, 0x44);
      EXPECT_EQ(memory.read8(a), 0x44);
      write(at(0, 0, area.pam), 1, 0);
      EXPECT_EQ(memory.read8(a), 0xEE);
    }
  }
}

TEST_F(HostBridge, ADwordReachesSeveralPams) {
  write(at(0, 0, 0x5C), 4, 0xFFFFFFFF);
  EXPECT_EQ(read(at(0, 0, 0x5C)), 0x33333333u);
  memory.write8(0xD0000, 1);
  memory.write8(0xEFFFF, 2);
  EXPECT_EQ(memory.read8(0xD0000), 1);
  EXPECT_EQ(memory.read8(0xEFFFF), 2);
  EXPECT_EQ(memory.read8(0xF0000), 0xEE);
  const auto state = bench::saved(bridge);
  bridge.reset();
  EXPECT_EQ(memory.read8(0xD0000), 0xEE);
  bench::load(bridge, state);
  EXPECT_EQ(memory.read8(0xD0000), 1) << "a load restores the map";
  auto bad = state;
  bad[0] ^= 1;
  EXPECT_THROW(bench::load(bridge, bad), StateError);
}

class IsaBridge : public Pci {
 protected:
  IsaBridge()
      : bridge(pci, [this](std::uint16_t base, bool enabled) {
          ++calls;
          pm_base = base;
          pm_enabled = enabled;
        }) {}
  int calls = 0;
  std::uint16_t pm_base = 0;
  bool pm_enabled = false;
  IsaBridgePiix3 bridge;
};

TEST_F(IsaBridge, ThreeFunctions) {
  EXPECT_EQ(read(at(1, 0, 0)), 0x70008086u);
  EXPECT_EQ(read(at(1, 0, 8)) >> 8, 0x060100u);
  EXPECT_EQ(read(at(1, 0, 0x0E), 1), 0x80u) << "multifunction";
  EXPECT_EQ(read(at(1, 1, 0)), 0x70108086u);
  EXPECT_EQ(read(at(1, 1, 8)) >> 8, 0x010100u);
  EXPECT_EQ(read(at(1, 1, 0x20)), 0u) << "no bus master registers";
  EXPECT_EQ(read(at(1, 1, 0x40)), 0x80008000u) << "both channels decode";
  EXPECT_EQ(read(at(1, 2, 0)), 0xFFFFFFFFu);
  EXPECT_EQ(read(at(1, 3, 0)), 0x71138086u);
}

TEST_F(IsaBridge, KeepsTheInterruptRoutes) {
  EXPECT_EQ(read(at(1, 0, 0x60)), 0x80808080u);
  write(at(1, 0, 0x60), 4, 0xFF0B0A05);
  EXPECT_EQ(read(at(1, 0, 0x60)), 0x8F0B0A05u);
  EXPECT_EQ(bridge.interrupt_route(0), 5);
  EXPECT_EQ(bridge.interrupt_route(2), 11);
  bridge.reset();
  EXPECT_EQ(bridge.interrupt_route(0), 0x80);
}

TEST_F(IsaBridge, PowerManagementBaseIsPassedOn) {
  EXPECT_EQ(read(at(1, 3, 0x40)), 1u);
  write(at(1, 3, 0x40), 4, 0xFFFFFFFF);
  EXPECT_EQ(read(at(1, 3, 0x40)), 0xFFC1u);
  write(at(1, 3, 0x40), 4, 0x0000B001);
  EXPECT_EQ(pm_base, 0xB000);
  EXPECT_FALSE(pm_enabled);
  write(at(1, 3, 0x80), 1, 1);
  EXPECT_EQ(pm_base, 0xB000);
  EXPECT_TRUE(pm_enabled);
  const int before = calls;
  write(at(1, 3, 0x3C), 1, 9);
  EXPECT_EQ(calls, before) << "nothing changed";
  const auto state = bench::saved(bridge);
  bridge.reset();
  EXPECT_FALSE(pm_enabled);
  EXPECT_EQ(pm_base, 0);
  bench::load(bridge, state);
  EXPECT_TRUE(pm_enabled);
  EXPECT_EQ(pm_base, 0xB000);
  EXPECT_EQ(read(at(1, 3, 0x3C), 1), 9u);
}

}  // namespace
}  // namespace ringside

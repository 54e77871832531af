#include <gtest/gtest.h>

#include <random>

#include "machine/errors.h"
#include "machine/kernel_loader.h"
#include "machine/temporary_file.h"

namespace ringside {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& bytes, std::size_t at, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t get32(const PhysicalMemory& memory, PhysAddr at) {
  std::uint32_t value = 0;
  memory.peek(at, &value, 4);
  return value;
}

/// Four setup sectors and 4 KiB of protected-mode part, protocol 2.15.
Bytes linux_image() {
  Bytes image(5 * 512 + 4096, 0x90);
  put(image, 0x1F1, 4, 1);
  put(image, 0x1F4, 4096 / 16, 4);
  put(image, 0x1FE, 0xAA55, 2);
  put(image, 0x200, 0x66EB, 2);
  image[0x202] = 'H', image[0x203] = 'd', image[0x204] = 'r', image[0x205] = 'S';
  put(image, 0x206, 0x20F, 2);
  put(image, 0x211, 1, 1);
  put(image, 0x22C, 0x7FFFFFFF, 4);
  put(image, 0x238, 2047, 4);
  put(image, 0x258, 0x100000, 8);
  put(image, 0x260, 0x10000, 4);
  image[5 * 512] = 0x42;
  return image;
}

/// One loadable segment of 16 bytes (32 in memory) at 1 MiB.
Bytes elf_image() {
  Bytes image(0x200, 0);
  image[0] = 0x7F, image[1] = 'E', image[2] = 'L', image[3] = 'F', image[4] = 1, image[5] = 1;
  put(image, 16, 2, 2);
  put(image, 18, 3, 2);
  put(image, 24, 0x100004, 4);
  put(image, 28, 52, 4);
  put(image, 42, 32, 2);
  put(image, 44, 1, 2);
  put(image, 52, 1, 4);
  put(image, 56, 0x100, 4);
  put(image, 60, 0x100000, 4);
  put(image, 64, 0x100000, 4);
  put(image, 68, 16, 4);
  put(image, 72, 32, 4);
  image[0x100] = 0x42;
  return image;
}

Bytes multiboot_elf() {
  Bytes image = elf_image();
  put(image, 0x120, 0x1BADB002, 4);
  put(image, 0x124, 3, 4);
  put(image, 0x128, 0u - 0x1BADB002u - 3u, 4);
  return image;
}

MachineConfig config_for(const TemporaryFile& kernel) {
  MachineConfig config;
  config.memory = 16 << 20;
  config.kernel = kernel.path();
  return config;
}

TEST(KernelLoader, PlacesALinuxKernel) {
  const TemporaryFile kernel(linux_image());
  const TemporaryFile initrd(Bytes(5000, 0x77));
  MachineConfig config = config_for(kernel);
  config.append = "console=ttyS0";
  config.initrds = {initrd.path()};
  const KernelLoader loader(config);
  PhysicalMemory memory(config.memory);
  loader.place(memory);

  EXPECT_EQ(loader.entry().kind, KernelEntry::Kind::kLinux);
  EXPECT_EQ(loader.entry().setup_segment, 0x9000u);
  EXPECT_EQ(memory.read8(0x100000), 0x42);
  EXPECT_EQ(memory.read8(0x90210), 0xFF);         // type_of_loader
  EXPECT_EQ(memory.read8(0x90211), 0x81);         // loadflags: high, heap
  const std::uint32_t line = get32(memory, 0x90228);
  char text[14] = {};
  memory.peek(line, text, 14);
  EXPECT_STREQ(text, "console=ttyS0");
  const std::uint32_t disk = get32(memory, 0x90218);
  EXPECT_EQ(get32(memory, 0x9021C), 5000u);
  EXPECT_EQ(disk % kPageSize, 0u);
  EXPECT_EQ(memory.read8(disk), 0x77);
  EXPECT_EQ(memory.read8(disk + 4999), 0x77);
  EXPECT_EQ(memory.read8(disk + 5000), 0);
}

TEST(KernelLoader, PlacesAnElfKernelAndClearsItsBss) {
  const TemporaryFile kernel(elf_image());
  const MachineConfig config = config_for(kernel);
  const KernelLoader loader(config);
  PhysicalMemory memory(config.memory);
  memory.write8(0x100000 + 20, 0xFF);
  loader.place(memory);
  EXPECT_EQ(loader.entry().address, 0x100004u);
  EXPECT_EQ(memory.read8(0x100000), 0x42);
  EXPECT_EQ(memory.read8(0x100000 + 20), 0);
}

TEST(KernelLoader, TellsAMultibootKernelAboutTheMachine) {
  const TemporaryFile kernel(multiboot_elf());
  const TemporaryFile module(Bytes(100, 0x77));
  MachineConfig config = config_for(kernel);
  config.initrds = {module.path()};
  config.append = "quiet";
  const KernelLoader loader(config);
  PhysicalMemory memory(config.memory);
  loader.place(memory);
  EXPECT_EQ(loader.entry().eax, 0x2BADB002u);
  const std::uint32_t info = loader.entry().ebx;
  EXPECT_EQ(get32(memory, info), 0x24Du);
  EXPECT_EQ(get32(memory, info + 4), 639u);
  const std::uint32_t modules = get32(memory, info + 24);
  EXPECT_EQ(get32(memory, info + 20), 1u);
  EXPECT_EQ(memory.read8(get32(memory, modules)), 0x77);
  EXPECT_EQ(get32(memory, modules + 4) - get32(memory, modules), 100u);
  EXPECT_EQ(get32(memory, info + 44) % 24, 0u);
  EXPECT_EQ(get32(memory, get32(memory, info + 48)), 20u);
}

void expect_refused(const Bytes& image, const char* why) {
  const TemporaryFile kernel(image);
  EXPECT_THROW(KernelLoader{config_for(kernel)}, FileError) << why;
}

Bytes changed(Bytes image, std::size_t at, std::uint64_t value, unsigned width) {
  put(image, at, value, width);
  return image;
}

TEST(KernelLoader, WhatIsNoKernelIsRefused) {
  expect_refused({}, "empty");
  expect_refused(Bytes(10, 0), "ten zeros");
  expect_refused(Bytes(100000, 0x5A), "noise");
  MachineConfig config;
  config.kernel = "/tmp";
  EXPECT_THROW(KernelLoader{config}, FileError);
  config.kernel = "/nonexistent/vmlinuz";
  EXPECT_THROW(KernelLoader{config}, FileError);
}

TEST(KernelLoader, DamagedLinuxKernelsAreRefused) {
  const auto with = [](std::size_t at, std::uint64_t value, unsigned width) { return changed(linux_image(), at, value, width); };
  expect_refused(with(0x206, 0x200, 2), "old protocol");
  expect_refused(with(0x211, 0, 1), "zImage");
  expect_refused(with(0x1F1, 200, 1), "setup beyond the file");
  expect_refused(with(0x1F4, 0xFFFFFFFF, 4), "promises more than it has");
  expect_refused(with(0x260, 0xF0000000, 4), "needs more than RAM");
  expect_refused(with(0x258, 0xFFFFFFFFFFFFF000, 8), "runs at the end of the world");
  Bytes cut = linux_image();
  cut.resize(5 * 512);
  expect_refused(cut, "no protected-mode part");
  cut.resize(0x210);
  expect_refused(cut, "cut in the header");
}

TEST(KernelLoader, DamagedElfKernelsAreRefused) {
  const auto with = [](std::size_t at, std::uint64_t value, unsigned width) { return changed(elf_image(), at, value, width); };
  expect_refused(with(4, 2, 1), "64 bits");
  expect_refused(with(5, 2, 1), "big-endian");
  expect_refused(with(16, 1, 2), "object file");
  expect_refused(with(18, 62, 2), "another processor");
  expect_refused(with(24, 0x200000, 4), "entry outside");
  expect_refused(with(28, 0xFFFFFFF0, 4), "program headers beyond the file");
  expect_refused(with(42, 8, 2), "short program headers");
  expect_refused(with(44, 0, 2), "no program headers");
  expect_refused(with(44, 0xFFFF, 2), "too many program headers");
  expect_refused(with(56, 0xFFFFFFF0, 4), "segment beyond the file");
  expect_refused(with(64, 0xFFFFFFF0, 4), "segment wraps");
  expect_refused(with(64, 0xA0000, 4), "segment over the VGA");
  expect_refused(with(64, 0, 4), "segment over the interrupt table");
  expect_refused(with(68, 64, 4), "longer in the file than in memory");
  expect_refused(with(72, 0xFFFFFFFF, 4), "larger than RAM");
}

TEST(KernelLoader, ManySegmentsAtOnePlaceAreRefused) {
  constexpr unsigned kHeaders = 60000;
  constexpr unsigned kSize = 8 << 20;  // each; together they would be half a terabyte
  Bytes image = elf_image();
  image.resize(kSize);
  put(image, 28, 0x200, 4);
  put(image, 44, kHeaders, 2);
  for (unsigned i = 0; i < kHeaders; ++i) {
    const std::size_t header = 0x200 + std::size_t{32} * i;
    put(image, header, 1, 4);
    put(image, header + 8, 0x100000, 4);
    put(image, header + 12, 0x100000, 4);
    put(image, header + 16, kSize, 4);
    put(image, header + 20, kSize, 4);
  }
  expect_refused(image, "more segments than RAM");
}

TEST(KernelLoader, RandomDamageNeverDoesHarm) {
  std::mt19937 random(1);
  for (const Bytes& original : {linux_image(), elf_image(), multiboot_elf()}) {
    for (int round = 0; round < 300; ++round) {
      Bytes image = original;
      for (int i = 0; i < 4; ++i) image[random() % std::min<std::size_t>(image.size(), 0x280)] = static_cast<std::uint8_t>(random());
      if (round % 3 == 0) image.resize(1 + random() % image.size());
      const TemporaryFile kernel(image);
      const MachineConfig config = config_for(kernel);
      try {
        const KernelLoader loader(config);
        PhysicalMemory memory(config.memory);
        loader.place(memory);
      } catch (const FileError&) {
      } catch (const ConfigError&) {
      }
    }
  }
}

TEST(KernelLoader, AnInitrdThatDoesNotFitIsRefused) {
  const TemporaryFile kernel(linux_image());
  const TemporaryFile initrd(Bytes(20 << 20, 1));
  MachineConfig config = config_for(kernel);
  config.initrds = {initrd.path()};
  EXPECT_THROW(KernelLoader{config}, FileError);
}

TEST(KernelLoader, AnAppendThatTheKernelCannotTakeIsRefused) {
  const TemporaryFile kernel(linux_image());
  MachineConfig config = config_for(kernel);
  config.append.assign(2048, 'x');
  EXPECT_THROW(KernelLoader{config}, ConfigError);
}

}  // namespace
}  // namespace ringside

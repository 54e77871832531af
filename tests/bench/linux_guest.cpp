#include "tests/bench/linux_guest.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace ringside {

namespace {

struct Workload {
  const char* name;
  const char* work;               ///< as linux/init knows it
  unsigned amount, quick_amount;  ///< turns, processes, or copies of the 2 MB of busybox
  double at_most;                 ///< times QEMU's seconds; 0: nothing is asked
};

constexpr std::array kWorkloads = {
    Workload{"linux-boot", "boot", 0, 0, 1.3},          Workload{"linux-start", "boot", 0, 0, 0},
    Workload{"linux-shell", "shell", 40000, 2000, 1.3}, Workload{"linux-fork", "fork", 1000, 50, 1.3},
    Workload{"linux-gzip", "gzip", 3, 1, 1.7},          Workload{"linux-sha256", "sha256", 8, 1, 2.2}};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void pad(std::string& archive, std::size_t alignment) {
  archive.append((alignment - archive.size() % alignment) % alignment, '\0');
}

// One member of a cpio archive in the "newc" form (the kernel's *initramfs buffer format*).
void add_member(std::string& archive, const std::string& name, unsigned mode, const std::string& contents) {
  constexpr unsigned kInode = 90000;  // beyond those of the archive in front
  const std::array<unsigned, 13> fields = {kInode,
                                           mode,
                                           0,
                                           0,
                                           1,
                                           0,
                                           static_cast<unsigned>(contents.size()),
                                           0,
                                           0,
                                           0,
                                           0,
                                           static_cast<unsigned>(name.size() + 1),
                                           0};
  archive += "070701";
  for (const unsigned field : fields) {
    std::array<char, 9> text{};
    std::snprintf(text.data(), text.size(), "%08X", field);
    archive += text.data();
  }
  archive += name;
  archive += '\0';
  pad(archive, 4);
  archive += contents;
  pad(archive, 4);
}

// The kernel unpacks one archive after the other into the same file system.
void write_initramfs(const std::string& original, const std::string& path) {
  std::string archive = read_file(original);
  pad(archive, 512);
  add_member(archive, "bench-init", 0100755, read_file(RINGSIDE_BENCH_INIT));
  add_member(archive, "TRAILER!!!", 0, "");
  pad(archive, 512);
  std::ofstream file(path, std::ios::binary);
  file << archive;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

std::vector<Benchmark> linux_benchmarks(const std::string& directory, const std::string& scratch,
                                        bool quick) {
  const std::string kernel = directory + "/vmlinuz";
  const std::string original = directory + "/initramfs.cpio";
  if (!std::filesystem::exists(kernel) || !std::filesystem::exists(original)) return {};
  const std::string initrd = scratch + "/initramfs-bench.cpio";
  write_initramfs(original, initrd);
  std::vector<Benchmark> list;
  for (const Workload& workload : kWorkloads) {
    Benchmark benchmark;
    benchmark.name = workload.name;
    benchmark.kernel = kernel;
    benchmark.initrd = initrd;
    benchmark.append = std::string("console=ttyS0 rdinit=/bench-init bench_work=") + workload.work +
                       " bench_n=" + std::to_string(quick ? workload.quick_amount : workload.amount);
    // Half of the boot are the self-tests of the kernel's cryptography; they are part of the boot that is
    // measured, but not of the start of the others.
    const bool plain_boot = std::string(workload.name) == "linux-boot";
    if (!plain_boot) benchmark.append += " cryptomgr.notests";
    const bool is_work = std::string(workload.work) != "boot";
    benchmark.marked = is_work;
    benchmark.memory_mib = 128;
    if (is_work) benchmark.baseline = "linux-start";
    if (workload.at_most > 0) benchmark.goal = {Goal::kQemuRatio, workload.at_most};
    list.push_back(benchmark);
  }
  return list;
}

}  // namespace ringside

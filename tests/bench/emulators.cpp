#include "tests/bench/emulators.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

#include "tests/bench/child.h"

namespace ringside {

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

class Ringside final : public Emulator {
 public:
  using Emulator::Emulator;

 private:
  std::vector<std::string> command(const Benchmark& benchmark, const std::string& serial) override {
    stats_ = scratch_ + "/ringside.json";
    std::filesystem::remove(stats_);
    std::vector<std::string> line = {
        program_,         "run",     "--memory", std::to_string(benchmark.memory_mib) + "M", "--serial",
        "file:" + serial, "--stats", stats_};
    if (!benchmark.disk.empty()) {
      line.insert(line.end(), {"--hda", benchmark.disk});
    } else {
      line.insert(line.end(),
                  {"--kernel", benchmark.kernel, "--initrd", benchmark.initrd, "--append", benchmark.append});
    }
    return line;
  }

  std::uint64_t instructions() const override {
    std::smatch match;
    const std::string stats = text_of(stats_);
    return std::regex_search(stats, match, std::regex("\"instructions\": *([0-9]+)")) ? std::stoull(match[1])
                                                                                      : 0;
  }

  std::string stats_;
};

class Qemu final : public Emulator {
 public:
  using Emulator::Emulator;

 private:
  std::vector<std::string> command(const Benchmark& benchmark, const std::string& serial) override {
    std::vector<std::string> line = {
        program_,      "-accel", "tcg",        "-m",       std::to_string(benchmark.memory_mib),
        "-nodefaults", "-vga",   "std",        "-display", "none",
        "-monitor",    "none",   "-no-reboot", "-serial",  "file:" + serial};
    if (!benchmark.disk.empty()) {
      line.insert(line.end(), {"-drive", "file=" + benchmark.disk + ",format=raw,if=ide,snapshot=on"});
    } else {
      line.insert(line.end(),
                  {"-kernel", benchmark.kernel, "-initrd", benchmark.initrd, "-append", benchmark.append});
    }
    return line;
  }
};

class Bochs final : public Emulator {
 public:
  using Emulator::Emulator;

  // It has no loader for kernels.
  bool can_run(const Benchmark& benchmark) const override { return !benchmark.disk.empty(); }

 private:
  std::vector<std::string> command(const Benchmark& benchmark, const std::string& serial) override {
    // On a copy, because it leaves a lock file beside the image when it is ended.
    const std::string disk = scratch_ + "/bochs.img";
    std::filesystem::copy_file(benchmark.disk, disk, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(disk + ".lock");
    // Debian's is built with its debugger, which waits for commands.
    write_text(scratch_ + "/bochs.rc", "c\nq\n");
    // The rfb display is part of the base package and needs no screen. Sound is off: the mixer of 2.7 ends in
    // a buffer overflow on a host without a sound card.
    write_text(scratch_ + "/bochsrc",
               "megs: " + std::to_string(benchmark.memory_mib) + "\n" +
                   "romimage: file=/usr/share/bochs/BIOS-bochs-latest\n"
                   "vgaromimage: file=/usr/share/vgabios/vgabios.bin\n"
                   "cpu: count=1, ips=100000000, reset_on_triple_fault=0\n"
                   "clock: sync=none\n"
                   "display_library: rfb, options=\"timeout=0\"\n"
                   "sound: driver=dummy, waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy\n"
                   "speaker: enabled=0\n"
                   "boot: disk\n"
                   "ata0-master: type=disk, path=\"" +
                   disk + "\", mode=flat, cylinders=1, heads=16, spt=63\n" +
                   "com1: enabled=1, mode=file, dev=\"" + serial + "\"\n" + "log: " + scratch_ +
                   "/bochs.log\n" +
                   "panic: action=fatal\nerror: action=ignore\ninfo: action=ignore\ndebug: action=ignore\n");
    return {program_, "-q", "-f", scratch_ + "/bochsrc", "-rc", scratch_ + "/bochs.rc"};
  }

  // Its shutdown port is an exit with 1.
  bool good_exit(int code) const override { return code == 0 || code == 1; }
};

template <typename T>
std::unique_ptr<Emulator> make(const char* name, const std::string& program, const std::string& scratch) {
  const std::string path = find_program(program);
  if (path.empty()) return nullptr;
  return std::make_unique<T>(name, path, scratch);
}

}  // namespace

RunResult Emulator::run(const Benchmark& benchmark, unsigned limit_seconds) {
  const std::string serial = scratch_ + "/" + name_ + ".serial";
  const std::string output = scratch_ + "/" + name_ + ".output";
  std::filesystem::remove(serial);
  const ChildResult child =
      run_child(command(benchmark, serial), output, {serial, "bench: begin", "bench: check"}, limit_seconds);

  RunResult result;
  result.cpu_seconds = child.cpu_seconds;
  result.work_seconds = child.work_seconds;
  result.instructions = instructions();
  const std::string printed = text_of(serial);
  std::smatch match;
  if (std::regex_search(printed, match, std::regex("bench: check ([^\r\n]+)"))) result.check = match[1];
  if (child.timed_out) {
    result.problem = "not finished after " + std::to_string(limit_seconds) + " s";
  } else if (printed.find("bench: done") == std::string::npos) {
    result.problem =
        "the guest did not finish (exit code " + std::to_string(child.exit_code) + ", see " + output + ")";
  } else if (!good_exit(child.exit_code)) {
    result.problem = "exit code " + std::to_string(child.exit_code) + ", see " + output;
  } else if (!benchmark.check.empty() && result.check != benchmark.check) {
    result.problem = "check value " + result.check + " instead of " + benchmark.check;
  }
  return result;
}

std::unique_ptr<Emulator> make_ringside(const std::string& program, const std::string& scratch) {
  return make<Ringside>("ringside", program, scratch);
}
std::unique_ptr<Emulator> make_qemu(const std::string& program, const std::string& scratch) {
  return make<Qemu>("qemu", program, scratch);
}
std::unique_ptr<Emulator> make_bochs(const std::string& program, const std::string& scratch) {
  return make<Bochs>("bochs", program, scratch);
}

}  // namespace ringside

#include "app/machine_options.h"

#include "debugger/named_guests.h"
#include "debugger/option_values.h"
#include "machine/config_json.h"
#include "machine/errors.h"

namespace ringside {

void MachineOptions::add_to(CLI::App& command) {
  constexpr const char* kGroup = "Machine";
  const auto add = [&](const char* name, auto& value, const char* help) {
    // The command line comes behind what --config gave, and wins.
    return command.add_option(name, value, help)->group(kGroup)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  add("--guest", guest_, "a named guest (see `ringside guests`), or `none`");
  add("--memory", memory_, "RAM: a size such as 128M (default 128M)");
  add("--cpu", cpu_, "processor model");
  add("--ips", ips_, "guest instructions per guest second (default 100000000)");
  add("--bios", bios_, "system BIOS image instead of the built-in one");
  add("--vgabios", vga_bios_, "VGA BIOS image instead of the built-in one");
  add("--hda", disks_[0], "disk image FILE[,MODE]; MODE is cow, rw or ro (default cow)");
  add("--hdb", disks_[1], "the same, slave of the first channel");
  add("--hdc", disks_[2], "the same, master of the second channel");
  add("--hdd", disks_[3], "the same, slave of the second channel");
  add("--fda", fda_, "floppy disk (not available yet)");
  add("--fdb", fdb_, "floppy disk (not available yet)");
  add("--cdrom", cdrom_, "CD (not available yet)");
  add("--boot", boot_, "boot order: letters of a floppy, c disk, d CD");
  add("--kernel", kernel_, "a bzImage, multiboot or ELF kernel to boot without a boot loader");
  add("--initrd", initrds_, "initial RAM disk or multiboot module; may stand several times")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add("--append", append_, "the kernel's command line");
  command.add_flag("--debug-exit", debug_exit_, "a byte v written to port F4h ends the run with exit code 2v + 1")
      ->group(kGroup);
  add("--rtc", rtc_, "guest date and time at power-on, ISO 8601 UTC (default 2000-01-01T00:00:00Z)");
  add("--seed", seed_, "device events come up to a few dozen instructions late, reproducibly; 0 is none (default 0)");
  add("--config", config_, "a file with the same options, NAME=VALUE a line");
}

void MachineOptions::refuse_unavailable() const {
  const std::pair<const char*, const std::optional<std::string>*> later[] = {
      {"--fda", &fda_}, {"--fdb", &fdb_}, {"--cdrom", &cdrom_}};
  for (const auto& [name, value] : later)
    if (*value) throw ConfigError(std::string(name) + " is not available yet");
}

bool MachineOptions::has_medium() const {
  if (kernel_) return true;
  for (const auto& disk : disks_)
    if (disk) return true;
  return false;
}

MachineConfig MachineOptions::resolve() const {
  refuse_unavailable();
  MachineConfig config;
  const std::string name = guest_.value_or(has_medium() ? "none" : "demo");
  if (name != "none") {
    const NamedGuest guest = find_guest(name);
    config = guest.machine;
    apply(config);  // a wrong option is found before anything is built
    if (!guest.built()) build_guest(guest);
    return config;
  }
  apply(config);
  return config;
}

// What the user gives wins over a named guest's options.
void MachineOptions::apply(MachineConfig& config) const {
  if (memory_) config.memory = parse_size(*memory_, "--memory");
  if (cpu_) config.cpu = *cpu_;
  if (ips_) config.ips = *ips_;
  if (config.ips < kMinIps || config.ips > kMaxIps)
    throw ConfigError("--ips: must lie between " + std::to_string(kMinIps) + " and " + std::to_string(kMaxIps));
  if (bios_) config.bios = *bios_;
  if (vga_bios_) config.vga_bios = *vga_bios_;
  for (std::size_t i = 0; i < disks_.size(); ++i)
    if (disks_[i]) config.disks[i] = parse_disk(*disks_[i]);
  if (boot_) config.boot = *boot_;
  if (boot_ && (boot_->empty() || boot_->size() > 3 || boot_->find_first_not_of("acd") != std::string::npos))
    throw ConfigError("--boot: '" + *boot_ + "' is not one to three letters of a, c and d");
  if (kernel_) config.kernel = *kernel_;
  if (!initrds_.empty()) config.initrds = initrds_;
  if (append_) config.append = *append_;
  if (config.kernel.empty() && !initrds_.empty()) throw ConfigError("--initrd needs --kernel");
  if (config.kernel.empty() && append_) throw ConfigError("--append needs --kernel");
  if (debug_exit_) config.debug_exit = true;
  if (rtc_) config.rtc = parse_date(*rtc_, "--rtc");
  if (seed_) config.seed = *seed_;
}

MachineConfig MachineOptions::resolve_restored(const MachineConfig& saved) const {
  refuse_unavailable();
  MachineConfig config = saved;
  if (guest_ && *guest_ != "none") {
    config = find_guest(*guest_).machine;
    config.seed = saved.seed;
  }
  apply(config);
  config = normal_form(config);
  const MachineConfig then = normal_form(saved);
  const auto same = [](const char* option, const auto& given, const auto& there) {
    if (given != there) throw ConfigError(std::string(option) + ": the machine in the restored file has another value");
  };
  same("--memory", config.memory, then.memory);
  same("--cpu", config.cpu, then.cpu);
  same("--ips", config.ips, then.ips);
  same("--bios", config.bios.empty(), then.bios.empty());
  same("--vgabios", config.vga_bios.empty(), then.vga_bios.empty());
  same("--boot", config.boot, then.boot);
  same("--kernel", config.kernel.empty(), then.kernel.empty());
  same("--initrd", config.initrds.size(), then.initrds.size());
  same("--append", config.append, then.append);
  same("--debug-exit", config.debug_exit, then.debug_exit);
  same("--rtc", config.rtc, then.rtc);
  static constexpr const char* kDisks[] = {"--hda", "--hdb", "--hdc", "--hdd"};
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    same(kDisks[i], config.disks[i].has_value(), then.disks[i].has_value());
    if (!config.disks[i]) continue;
    same(kDisks[i], config.disks[i]->mode, then.disks[i]->mode);
    // A file must not be able to make us write to another one that its receiver never named.
    if (config.disks[i]->mode == DiskMode::kReadWrite && !disks_[i])
      throw ConfigError(std::string(kDisks[i]) + ": the restored machine writes to '" + config.disks[i]->path +
                        "'; give the option again, with mode rw, to allow that");
  }
  return config;
}

}  // namespace ringside

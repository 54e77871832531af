#include "machine/machine.h"

#include <algorithm>

#include "machine/cmos_setup.h"
#include "machine/errors.h"
#include "machine/host_disk.h"
#include "machine/rom_setup.h"
#include "machine/state_hash.h"
#include "machine/state_io.h"

namespace ringside {
namespace {

const CpuModel& model_of(const MachineConfig& config) {
  if (config.cpu.empty()) return default_cpu_model();
  const CpuModel* model = find_cpu_model(config.cpu);
  if (model != nullptr) return *model;
  std::string names;
  for (const CpuModel& known : cpu_models()) names += (names.empty() ? "" : ", ") + std::string(known.name);
  throw ConfigError("there is no processor model '" + config.cpu + "'; there are " + names);
}

std::uint64_t ram_of(const MachineConfig& config) {
  if (config.memory < PhysicalMemory::kMinRam || config.memory > PhysicalMemory::kMaxRam ||
      config.memory % kPageSize != 0)
    throw ConfigError("memory must be a multiple of 4K, from 1M to 3G");
  return config.memory;
}

std::uint64_t ips_of(const MachineConfig& config) {
  if (config.ips < kMinIps || config.ips > kMaxIps)
    throw ConfigError("ips must lie between " + std::to_string(kMinIps) + " and " + std::to_string(kMaxIps));
  return config.ips;
}

}  // namespace

Machine::Machine(const MachineConfig& config, InputLog replay)
    : config_(config),
      log_(std::move(replay)),
      board_(cpu_, memory_, ports_, pic_),
      memory_(ram_of(config)),
      cpu_(memory_, board_, model_of(config)),
      clock_(ips_of(config), cpu_),
      events_(clock_),
      ports_(remarks_),
      pic_(ports_, board_, remarks_),
      pit_(ports_, events_, pic_, remarks_),
      system_control_(ports_, pit_, board_),
      rtc_(ports_, events_, pic_, remarks_),
      uart_(ports_, events_, pic_, remarks_, 0x3F8, 4),
      dma_(ports_, remarks_),
      debug_ports_(ports_, board_),
      kbc_(ports_, events_, pic_, board_, remarks_),
      pci_(ports_, remarks_),
      host_bridge_(pci_, memory_),
      acpi_(ports_, events_, pic_, board_),
      isa_bridge_(pci_, [this](std::uint16_t base, bool enabled) { acpi_.set_base(base, enabled); }),
      ide_{IdeController(ports_, events_, pic_, remarks_, 0), IdeController(ports_, events_, pic_, remarks_, 1)},
      vga_(ports_, memory_, events_, remarks_) {
  board_.claim_ports();
  // An event that has become the next one while the processor runs must cut that run short.
  events_.set_earlier_callback([this] {
    if (cpu_running_) cpu_.request_exit();
  });
  debug_ports_.enable_debug_exit(config_.debug_exit);
  events_.set_jitter(config_.seed);
  // At 9600 baud, Linux's default for its console, a boot would spend most of its time polling the UART.
  uart_.set_accelerated(true);
  map_roms();
  insert_disks();
  power_on();
}

void Machine::map_roms() {
  map_system_bios(memory_, config_.bios);
  map_vga_bios(memory_, config_.vga_bios);
  if (!config_.kernel.empty()) {
    kernel_ = std::make_unique<KernelLoader>(config_);
    map_kernel_rom(memory_, kernel_->entry());
  } else if (!config_.initrds.empty() || !config_.append.empty()) {
    throw ConfigError("initrd and append need a kernel");
  }
}

void Machine::insert_disks() {
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    if (!config_.disks[i]) continue;
    disks_[i] = open_disk(*config_.disks[i]);
    ide_[i / 2].attach(static_cast<unsigned>(i % 2), disks_[i].get());
  }
}

void Machine::power_on() {
  memory_.power_on();
  reset(true);
  set_up_cmos(rtc_, config_);
  if (log_.entries().empty()) log_.append({.tick = 0, .kind = InputKind::kDate, .value = config_.rtc});
  settle();
}

// A cold reset reaches every chip. The 8042's and port 92h's pulse reaches the processor only.
void Machine::reset(bool cold) {
  cpu_.reset();
  if (cold) {
    board_.reset();
    pic_.reset();
    pit_.reset();
    system_control_.reset();
    rtc_.reset();
    uart_.reset();
    dma_.reset();
    debug_ports_.reset();
    kbc_.reset();
    pci_.reset();
    host_bridge_.reset();
    acpi_.reset();
    isa_bridge_.reset();
    for (IdeController& channel : ide_) channel.reset();
    vga_.reset();
  }
  // The kernel that the boot ROM will start again must be as fresh as from a disk.
  if (kernel_ != nullptr) kernel_->place(memory_);
}

// ===== The main loop ==================================================================================

StopReason Machine::run(Tick limit) {
  stop_requested_ = false;
  StopReason why{};
  for (;;) {
    settle();
    if (ended(why)) return why;
    if (stop_requested_) return StopReason::kRequested;
    if (now() >= limit) return StopReason::kLimit;

    const Tick horizon = std::min({limit, events_.next(), next_input()});
    cpu_running_ = true;
    const RunExit exit = cpu_.run(horizon);  // breakpoints, tracing and stepping live in here, as decode-time marks
    cpu_running_ = false;

    if (exit == RunExit::kUnimplemented) return StopReason::kUnimplemented;
    if (exit == RunExit::kHalted && !skip_halt(horizon)) return StopReason::kHalted;
  }
}

StopReason Machine::step() {
  stop_requested_ = false;
  StopReason why{};
  settle();
  while (!ended(why)) {
    cpu_running_ = true;
    const RunExit exit = cpu_.step();
    cpu_running_ = false;
    if (exit == RunExit::kUnimplemented) return StopReason::kUnimplemented;
    if (exit != RunExit::kHalted) {
      settle();
      return ended(why) ? why : stop_requested_ ? StopReason::kRequested : StopReason::kLimit;
    }
    if (!skip_halt(std::min(events_.next(), next_input()))) return StopReason::kHalted;
    settle();
  }
  return why;
}

// Everything that is due at this tick, always in the same order: resets, device events, inputs.
void Machine::settle() {
  for (;;) {
    if (board_.reset_wanted) {
      const bool cold = board_.cold_reset;
      board_.reset_wanted = board_.cold_reset = false;
      reset(cold);
    }
    events_.run_until(now());
    if (next_input() > now()) return;
    take_input(log_.entries()[next_entry_++]);
    waiting_live_ = std::min(waiting_live_, log_.entries().size() - next_entry_);
  }
}

// A halted processor jumps to the next thing that happens. With interrupts off only NMI or RESET would
// wake it, and nothing on this board raises them by itself; what COM1 still holds is sent off first.
bool Machine::skip_halt(Tick horizon) {
  const bool deaf = (cpu_.system_flags & kIF) == 0;
  if (horizon == kNever || (deaf && !events_.pending(EventId::kUart0Transmit))) return false;
  const Tick skipped = horizon - now();
  halt_begin_ = halted_since();
  halt_end_ = horizon;
  cpu_.tick_limit += skipped;
  halted_ticks_ += skipped;
  return true;
}

bool Machine::ended(StopReason& why) const {
  if (board_.exited) {
    why = StopReason::kDebugExit;
  } else if (board_.powered_off) {
    why = StopReason::kPowerOff;
  } else if (cpu_.shutdown) {
    why = StopReason::kTripleFault;
  } else {
    return false;
  }
  return true;
}

void Machine::request_stop() {
  stop_requested_ = true;
  if (cpu_running_) cpu_.request_exit();
}

// ===== Inputs ==========================================================================================

Tick Machine::next_input() const {
  return next_entry_ < log_.entries().size() ? log_.entries()[next_entry_].tick : kNever;
}

void Machine::take_input(const Input& input) {
  switch (input.kind) {
    case InputKind::kDate: rtc_.set_time(input.value); break;
    case InputKind::kKey:
      if (input.value >= 0 && input.value < static_cast<std::int64_t>(kKeyCount))
        kbc_.keyboard().key(static_cast<KeyCode>(input.value), input.down);
      break;
    case InputKind::kMouse:
      kbc_.mouse().move(input.dx, input.dy, input.dz, static_cast<unsigned>(input.value));
      break;
    case InputKind::kSerial: uart_.receive(static_cast<std::uint8_t>(input.value)); break;
    case InputKind::kCount: break;
  }
}

void Machine::enter(const Input& input) {
  if (input_guard_) input_guard_();
  if (has_future_inputs()) throw ConfigError("a machine that replays its past takes no new input");
  Input entry = input;
  // A replay lets inputs enter before interrupts and faults are delivered at their tick. What comes after such a
  // delivery waits for the next tick, where both meet the same machine.
  if (cpu_.deliveries() != 0) {
    ++entry.tick;
    ++waiting_live_;
  }
  log_.append(entry);
  settle();
}

void Machine::forget_future_inputs() {
  log_.truncate(next_entry_);
  waiting_live_ = 0;
}

void Machine::key(KeyCode code, bool down) {
  enter({.tick = now(), .kind = InputKind::kKey, .down = down, .value = static_cast<std::int64_t>(code)});
}

void Machine::mouse(int dx, int dy, int dz, unsigned buttons) {
  enter({.tick = now(), .kind = InputKind::kMouse, .value = buttons, .dx = dx, .dy = dy, .dz = dz});
}

bool Machine::serial(std::uint8_t byte) {
  if (uart_.state().line_count >= Uart16550::kLineSize) return false;
  enter({.tick = now(), .kind = InputKind::kSerial, .value = byte});
  return true;
}

// ===== Who listens ======================================================================================

void Machine::set_serial_sink(ByteSink* sink) {
  serial_sink_ = sink;
  connect();
}

void Machine::set_debugcon_sink(ByteSink* sink) {
  debugcon_sink_ = sink;
  connect();
}

void Machine::set_device_log(DeviceLog* log) {
  device_log_ = log;
  connect();
}

void Machine::set_observer(CpuObserver* observer) {
  observer_ = observer;
  connect();
}

void Machine::add_observer(CpuObserver* observer) {
  more_observers_.push_back(observer);
  connect();
}

void Machine::remove_observer(CpuObserver* observer) {
  std::erase(more_observers_, observer);
  connect();
}

void Machine::set_audience(Audience audience, CpuObserver* one) {
  if (audience_ == audience && only_observer_ == one) return;
  audience_ = audience;
  only_observer_ = one;
  connect();
}

void Machine::connect() {
  const bool outside = audience_ == Audience::kEverybody;
  uart_.set_sink(outside ? serial_sink_ : nullptr);
  debug_ports_.set_sink(outside ? debugcon_sink_ : nullptr);
  remarks_.set_listener(outside ? device_log_ : nullptr);
  std::vector<CpuObserver*> listeners;
  if (audience_ == Audience::kOne) {
    listeners = {only_observer_};
  } else if (audience_ != Audience::kNobody) {
    listeners = more_observers_;
    if (outside) listeners.push_back(observer_);
  }
  std::erase(listeners, nullptr);
  cpu_.observer = hub_.over(std::move(listeners));
}

// ===== State ===========================================================================================

void Machine::visit(StateVisitor& visitor) {
  VisitGroup group(visitor, "machine");
  visitor.field("halted_ticks", halted_ticks_);
  memory_.visit(visitor);
  visit_parts(visitor);
  for (const auto& disk : disks_)
    if (disk != nullptr) disk->visit(visitor);
}

void Machine::visit_parts(StateVisitor& visitor) {
  cpu_.visit(visitor);
  events_.visit(visitor);
  board_.visit(visitor);
  pic_.visit(visitor);
  pit_.visit(visitor);
  system_control_.visit(visitor);
  rtc_.visit(visitor);
  uart_.visit(visitor);
  dma_.visit(visitor);
  debug_ports_.visit(visitor);
  kbc_.visit(visitor);
  pci_.visit(visitor);
  host_bridge_.visit(visitor);
  acpi_.visit(visitor);
  isa_bridge_.visit(visitor);
  for (IdeController& channel : ide_) channel.visit(visitor);
  vga_.visit(visitor);
}

std::vector<DiskOverlay*> Machine::overlays() {
  std::vector<DiskOverlay*> found;
  for (const auto& disk : disks_)
    if (auto* overlay = dynamic_cast<DiskOverlay*>(disk.get()); overlay != nullptr) found.push_back(overlay);
  return found;
}

std::string Machine::state_hash() {
  StateHasher hasher;
  visit(hasher);
  return hasher.digest();
}

std::vector<std::uint8_t> Machine::save() {
  StateWriter writer;
  visit(writer);
  return writer.take();
}

void Machine::load(std::span<const std::uint8_t> state) {
  StateReader reader(state);
  visit(reader);
  if (!reader.finished()) throw StateError("the saved state is longer than this machine's");
  // Entries of this machine's own past are not replayed after a jump in time.
  while (next_entry_ < log_.entries().size() && log_.entries()[next_entry_].tick < now()) ++next_entry_;
}

void Machine::load(StateVisitor& reader, std::size_t inputs_taken) {
  if (inputs_taken > log_.entries().size()) throw StateError("the input log is shorter than the machine's past");
  visit(reader);
  next_entry_ = inputs_taken;
  waiting_live_ = 0;
  halt_end_ = kNever;
}

void Machine::reseed(std::uint64_t seed) {
  config_.seed = seed;
  events_.set_jitter(seed);
}

}  // namespace ringside

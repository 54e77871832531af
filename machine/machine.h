// The machine: a PC/AT-compatible with an i440FX chip set. The constructor is the schematic, run() is the
// main loop; everything else is access to the parts.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cpu/cpu.h"
#include "devices/acpi_pm.h"
#include "devices/debug_ports.h"
#include "devices/disk_overlay.h"
#include "devices/dma_8237a.h"
#include "devices/event_queue.h"
#include "devices/host_bridge_i440fx.h"
#include "devices/ide_controller.h"
#include "devices/isa_bridge_piix3.h"
#include "devices/kbc_8042.h"
#include "devices/pci_bus.h"
#include "devices/pic_8259a.h"
#include "devices/pit_8254.h"
#include "devices/port_bus.h"
#include "devices/rtc_mc146818.h"
#include "devices/system_control.h"
#include "devices/uart_16550.h"
#include "devices/vga.h"
#include "machine/board.h"
#include "machine/input_log.h"
#include "machine/kernel_loader.h"
#include "machine/machine_config.h"
#include "machine/moment.h"
#include "machine/observer_hub.h"
#include "memory/physical_memory.h"

namespace ringside {

/// Why Machine::run came back.
enum class StopReason : std::uint8_t {
  kLimit,          ///< the tick limit was reached
  kRequested,      ///< request_stop()
  kPowerOff,       ///< ACPI soft-off
  kDebugExit,      ///< the debug exit port; see debug_exit_value()
  kTripleFault,    ///< the processor is in shutdown
  kHalted,         ///< halted, and nothing can wake it any more
  kUnimplemented,  ///< an instruction that the simulator does not have; see Cpu::unimplemented
};

class Machine {
 public:
  /// Opens the media and powers on. Entries of `replay` enter at their ticks; without any, the date of
  /// `config` is the first entry. Throws ConfigError, FileError.
  explicit Machine(const MachineConfig& config, InputLog replay = {});
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const MachineConfig& config() const { return config_; }

  // --- Time ----------------------------------------------------------------------------------------
  /// The main loop: until `limit` ticks since power-on, or something ends the run.
  StopReason run(Tick limit);
  /// One instruction or interrupt delivery with the reference executor (a halt is skipped first).
  StopReason step();
  /// Makes run() return between two instructions; for listeners that are called during the run.
  void request_stop();
  Tick now() const { return cpu_.ticks(); }
  Moment moment() const { return {now(), cpu_.deliveries()}; }
  /// While halted: the tick at which that began.
  Tick halted_since() const { return halt_end_ == now() ? halt_begin_ : now(); }
  /// After a load in the middle of a halt.
  void set_halted_since(Tick since) { halt_begin_ = since, halt_end_ = now(); }
  /// Instructions retired: ticks without those that a halted processor skipped.
  std::uint64_t instructions() const { return now() - halted_ticks_; }
  bool halted() const { return cpu_.halted; }
  std::uint8_t debug_exit_value() const { return board_.exit_value; }

  // --- What enters, at the present tick, through the input log. Only between two calls of run(). -------
  void key(KeyCode code, bool down);
  void mouse(int dx, int dy, int dz, unsigned buttons);
  /// A byte for COM1. False where the far end of the line already has too many to send; then nothing has entered.
  bool serial(std::uint8_t byte);
  /// Any input; its tick is the present one.
  void enter(const Input& input);
  const InputLog& input_log() const { return log_; }
  /// Called before any of the above enters. May throw, or call forget_future_inputs(): a machine that replays its
  /// past takes no new input.
  void set_input_guard(std::function<void()> guard) { input_guard_ = std::move(guard); }
  /// Whether the log has entries that have not entered yet (one that waits for this tick to pass does not count).
  bool has_future_inputs() const { return next_entry_ + waiting_live_ < log_.entries().size(); }
  void forget_future_inputs();

  // --- What leaves -----------------------------------------------------------------------------------
  void set_serial_sink(ByteSink* sink);
  void set_debugcon_sink(ByteSink* sink);
  void set_device_log(DeviceLog* log);
  /// The trap log's place: it counts as the outside.
  void set_observer(CpuObserver* observer);
  /// Any number of further ones, which may be told of the same thing again; see reliving().
  void add_observer(CpuObserver* observer);
  void remove_observer(CpuObserver* observer);
  /// For time travel: who is told of what the machine does now.
  enum class Audience : std::uint8_t {
    kEverybody,
    kObservers,  ///< the outside - serial line, debug console, device remarks, trap log - has heard it already
    kOne,        ///< the past is searched, with an observer of the search's own or none
    kNobody,     ///< the past is passed through; nothing is to stop the machine on the way
  };
  void set_audience(Audience audience, CpuObserver* one = nullptr);
  Audience audience() const { return audience_; }
  /// True while the machine repeats what it has done before; an observer that passes things on to the outside, or
  /// counts them, leaves them out then.
  bool reliving() const { return audience_ != Audience::kEverybody; }

  // --- State -----------------------------------------------------------------------------------------
  void visit(StateVisitor& visitor);
  /// All of it but RAM and what was written to disks: what is small.
  void visit_parts(StateVisitor& visitor);
  std::string state_hash();
  std::vector<std::uint8_t> save();
  /// Into a machine of the same configuration. Throws StateError; the machine is then only good for another load.
  void load(std::span<const std::uint8_t> state);
  /// The same through any loading visitor, into a machine whose input log holds the past as well: that many of its
  /// entries have entered already.
  void load(StateVisitor& reader, std::size_t inputs_taken);
  /// How many entries of the input log have entered.
  std::size_t inputs_taken() const { return next_entry_; }
  /// From now on with the jitter of another seed: the machine's past can then not be repeated from power-on.
  void reseed(std::uint64_t seed);

  // --- Parts, for who wants to look --------------------------------------------------------------------
  Cpu& cpu() { return cpu_; }
  const Cpu& cpu() const { return cpu_; }
  PhysicalMemory& memory() { return memory_; }
  const PhysicalMemory& memory() const { return memory_; }
  const EventQueue& events() const { return events_; }
  Vga& vga() { return vga_; }
  const Vga& vga() const { return vga_; }
  const Pic8259a& pic() const { return pic_; }
  const Pit8254& pit() const { return pit_; }
  const Kbc8042& kbc() const { return kbc_; }
  const Uart16550& uart() const { return uart_; }
  const RtcMc146818& rtc() const { return rtc_; }
  const Dma8237a& dma() const { return dma_; }
  const PciBus& pci() const { return pci_; }
  const IdeController& ide(unsigned channel) const { return ide_[channel & 1]; }
  const SystemControl& system_control() const { return system_control_; }
  /// The media whose written sectors stay in the session.
  std::vector<DiskOverlay*> overlays();

 private:
  void map_roms();
  void insert_disks();
  void power_on();
  void reset(bool cold);
  void settle();
  void take_input(const Input& input);
  Tick next_input() const;
  bool skip_halt(Tick horizon);
  bool ended(StopReason& why) const;
  void connect();

  MachineConfig config_;
  InputLog log_;
  std::size_t next_entry_ = 0;
  std::size_t waiting_live_ = 0;  // live inputs at the log's end that wait for the next tick
  std::uint64_t halted_ticks_ = 0;
  Tick halt_begin_ = 0, halt_end_ = kNever;  // the last stretch of ticks that a halt skipped
  std::function<void()> input_guard_;
  bool stop_requested_ = false;
  bool cpu_running_ = false;

  // The parts, in the order in which they are wired.
  RemarkLine remarks_;
  Board board_;
  PhysicalMemory memory_;
  Cpu cpu_;
  CpuClock clock_;
  EventQueue events_;
  PortBus ports_;
  Pic8259a pic_;
  Pit8254 pit_;
  SystemControl system_control_;
  RtcMc146818 rtc_;
  Uart16550 uart_;
  Dma8237a dma_;
  DebugPorts debug_ports_;
  Kbc8042 kbc_;
  PciBus pci_;
  HostBridgeI440fx host_bridge_;
  AcpiPm acpi_;
  IsaBridgePiix3 isa_bridge_;
  std::array<IdeController, 2> ide_;
  Vga vga_;

  std::array<std::unique_ptr<BlockMedium>, 4> disks_;
  std::unique_ptr<KernelLoader> kernel_;

  // Who listens.
  ByteSink* serial_sink_ = nullptr;
  ByteSink* debugcon_sink_ = nullptr;
  DeviceLog* device_log_ = nullptr;
  CpuObserver* observer_ = nullptr;
  CpuObserver* only_observer_ = nullptr;
  std::vector<CpuObserver*> more_observers_;
  ObserverHub hub_;
  Audience audience_ = Audience::kEverybody;
};

}  // namespace ringside

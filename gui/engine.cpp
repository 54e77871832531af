#include "gui/engine.h"

#include <algorithm>
#include <exception>

#include "machine/thread_time.h"

namespace ringside {
namespace {

using namespace std::chrono_literals;

constexpr auto kFrame = 16ms;         // answers at display rate
constexpr auto kRefresh = 100ms;      // answers while the machine runs
constexpr auto kSlice = 3ms;          // processor time of a slice: a key waits no longer, and a busy host makes none shorter
constexpr int kRefreshShare = 50;     // at most one part in so many of the time goes into answers
constexpr Tick kLeastSlice = 20'000;
constexpr Tick kMostSlice = 50'000'000;

/// In slow motion: one instruction; and where the processor waits, to the event that may end that.
Tick slow_step(const Machine& machine) {
  const Cpu& cpu = machine.cpu();
  const bool woken = cpu.nmi_pending || (cpu.intr && (cpu.eflags() & kIF) != 0);
  return cpu.halted && !woken ? std::max(machine.events().next(), machine.now() + 1) - machine.now() : 1;
}

}  // namespace

Engine::Engine(const MachineConfig& config, const SessionOptions& options, const std::string& gdb)
    : session_(std::make_unique<Session>(config, options)) {
  if (!gdb.empty()) gdb_ = std::make_unique<SharedGdb>(session_->debugger(), gdb);
  publish_status();
  thread_ = std::thread([this] { loop(); });
}

Engine::~Engine() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
    pause_wanted_ = true;
  }
  interrupt();
  wake();
  thread_.join();
}

void Engine::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    idle_ = false;
  }
  wake();
}

void Engine::wake() {
  wake_.notify_all();
  if (gdb_ != nullptr) gdb_->wake();
}

void Engine::start() {
  stop_.reset();
  running_ = true;
  died_ = false;
  ahead_ns_ = 0;
  mips_since_ = Clock::now();
  mips_instructions_ = session_->machine().instructions();
}

void Engine::run() {
  post([this](Session&) { start(); });
}

void Engine::run_to(const StopPointSpec& spec) {
  post([this, spec](Session& session) {
    session.aim(spec);
    start();
  });
}

void Engine::run_back_to(const StopPointSpec& spec) {
  post([this, spec](Session& session) {
    running_ = false;
    set_interruptible(&session.debugger());
    const Stop stop = session.run_back_to(spec);
    set_interruptible(nullptr);
    stand(stop);
  });
}

void Engine::pause() {
  pause_wanted_ = true;
  interrupt();
  post([](Session&) {});
}

void Engine::act(RunAction action, std::uint32_t address) {
  post([this, action, address](Session& session) {
    running_ = false;
    set_interruptible(&session.debugger());
    const Stop stop = session.act(action, address);
    set_interruptible(nullptr);
    stand(stop);
  });
}

void Engine::travel(Moment moment) {
  post([this, moment](Session& session) {
    running_ = false;
    stand(session.travel(moment));
    stop_text_ = "travelled to tick " + std::to_string(session.machine().now());
  });
}

void Engine::set_speed(Speed speed, double slow_rate) {
  post([this, speed, slow_rate](Session&) {
    speed_ = speed;
    slow_rate_ = std::clamp(slow_rate, 0.2, 1e6);
    ahead_ns_ = 0;
    slice_ = 100'000;
  });
}

void Engine::power_cycle() {
  replace([](Session& session) { session.power_cycle(); }, "powered on; nothing has run yet");
}

void Engine::replace(std::function<void(Session&)> change, const std::string& what) {
  post([this, change = std::move(change), what](Session& session) {
    running_ = false;
    stop_.reset();
    change_machine(change, session);
    died_ = false;
    ask_new_future_ = false;
    ++stops_;
    stop_text_ = what;
  });
}

void Engine::input(std::function<bool(Session&)> job) {
  post([this, job = std::move(job)](Session& session) {
    if (job(session)) return;
    running_ = false;
    ask_new_future_ = true;
    ++stops_;
    stop_text_ = "an input was held back: it would begin a new future";
  });
}

void Engine::accept_new_future() {
  post([this](Session& session) {
    session.start_new_future();
    ask_new_future_ = false;
  });
}

void Engine::return_to_end() {
  post([this](Session& session) {
    ask_new_future_ = false;
    if (session.time() != nullptr) stand(session.travel(session.time()->end()));
  });
}

// ===== The thread =====================================================================================

void Engine::loop() {
  std::unique_lock lock(mutex_);
  while (!quit_) {
    const bool had_jobs = !jobs_.empty();
    do_jobs(lock);
    if (quit_) break;
    lock.unlock();
    if (pause_wanted_.exchange(false) && running_) stop_running("paused");
    if (gdb_ != nullptr) serve_gdb();
    if (running_) run_one_slice();
    const auto now = Clock::now();
    const bool full = !running_ || now - last_refresh_ >= std::max<Clock::duration>(kRefresh, refresh_cost_ * kRefreshShare);
    if (full || now - last_frame_ >= kFrame) {
      publish_status();
      if (answer_questions(full) || full) ++news_;
      last_frame_ = now;
      if (full) {
        last_refresh_ = now;
        refresh_cost_ = Clock::now() - now;
      }
    }
    lock.lock();
    const bool stale = std::any_of(slots_.begin(), slots_.end(), [](const auto& s) { return s.second.stale; });
    if (!running_ && jobs_.empty() && !stale && !had_jobs) {
      idle_ = true;
      settled_.notify_all();
      if (gdb_ == nullptr) {
        wake_.wait(lock, [this] { return quit_ || !idle_ || !jobs_.empty(); });
      } else {
        lock.unlock();
        gdb_->wait();
        lock.lock();
      }
      idle_ = false;
    } else if (running_ && jobs_.empty()) {
      idle_ = true;  // all that was asked is answered as far as a running machine can
      settled_.notify_all();
    }
  }
}

// Called and left with the lock held; a job runs without it.
void Engine::do_jobs(std::unique_lock<std::mutex>& lock) {
  while (!jobs_.empty() && !quit_) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    status_.busy = true;
    ++news_;
    lock.unlock();
    try {
      job(*session_);
    } catch (const std::exception& error) {
      set_interruptible(nullptr);
      running_ = false;
      say(error.what());
    }
    lock.lock();
    status_.busy = false;
    ++news_;
    for (auto& [id, slot] : slots_) slot.stale = true;
  }
}

void Engine::run_one_slice() {
  if (ahead_ns_ >= 1e6) return wait_for_the_wall();
  Tick ticks = slice_;
  if (speed_ == Speed::kSlow) ticks = slow_step(session_->machine());
  const Tick before = session_->machine().now();
  const std::uint64_t instructions_before = session_->machine().instructions();
  const auto began = Clock::now();
  const auto cpu_before = thread_time();
  set_interruptible(&session_->debugger());
  try {
    const Stop stop = session_->run_slice(ticks);
    set_interruptible(nullptr);
    if (stop.why != StopWhy::kLimit) {
      running_ = false;
      stand(stop);
      return;
    }
  } catch (const std::exception& error) {
    set_interruptible(nullptr);
    running_ = false;
    ++stops_;
    stop_text_ = error.what();
    say(error.what());
    return;
  }
  if (speed_ != Speed::kSlow) adapt_slice(session_->machine().now() - before, thread_time() - cpu_before);
  pace(before, instructions_before, began);
}

// Slices of a few milliseconds of host time, and of guest time too while the guest mostly sleeps.
void Engine::adapt_slice(Tick ticks, Clock::duration took) {
  if (took > kSlice * 2) slice_ = std::max(kLeastSlice, slice_ / 2);
  if (took < kSlice / 2 && ticks >= slice_) slice_ = std::min(kMostSlice, slice_ + slice_ / 2);
  if (speed_ == Speed::kRealTime) slice_ = std::min<Tick>(slice_, session_->config().ips / 200 + 1);
}

void Engine::pace(Tick before, std::uint64_t instructions_before, Clock::time_point began) {
  const Machine& machine = session_->machine();
  const double tick_ns = 1e9 / static_cast<double>(session_->config().ips);
  const double host_ns = std::chrono::duration<double, std::nano>(Clock::now() - began).count();
  if (speed_ == Speed::kSlow) {
    ahead_ns_ += 1e9 / slow_rate_ - host_ns;
  } else {
    const std::uint64_t ticks = machine.now() - before;
    const std::uint64_t slept = ticks - (machine.instructions() - instructions_before);
    if (slept > ticks / 2) slice_ = std::min<Tick>(slice_, session_->config().ips / 200 + 1);
    ahead_ns_ += static_cast<double>(speed_ == Speed::kFull ? slept : ticks) * tick_ns - host_ns;
  }
  ahead_ns_ = std::clamp(ahead_ns_, -20e6, 5e9);
}

// No longer than a frame: questions and jobs are answered meanwhile.
void Engine::wait_for_the_wall() {
  std::unique_lock lock(mutex_);
  const auto slept_from = Clock::now();
  wake_.wait_for(lock, std::chrono::duration<double, std::nano>(std::min(ahead_ns_, 16e6)),
                 [this] { return quit_ || !jobs_.empty() || pause_wanted_.load(); });
  ahead_ns_ -= std::chrono::duration<double, std::nano>(Clock::now() - slept_from).count();
}

void Engine::stop_running(const std::string& why) {
  running_ = false;
  stop_.reset();
  session_->forget_aim();
  ++stops_;
  stop_text_ = why;
}

void Engine::stand(const Stop& stop) {
  stop_ = stop;
  ++stops_;
  stop_text_ = describe(stop);
  if (stop.why == StopWhy::kMachine && stop.machine == StopReason::kTripleFault)
    stop_text_ += ". A real PC would reset now; this one waits. Step back to look, or press Reset";
  const bool over = stop.why == StopWhy::kMachine;
  died_ = over && (stop.machine == StopReason::kTripleFault || stop.machine == StopReason::kHalted);
}

void Engine::set_interruptible(Debugger* debugger) {
  const std::lock_guard lock(interrupt_mutex_);
  interruptible_ = debugger;
}

void Engine::interrupt() {
  const std::lock_guard lock(interrupt_mutex_);
  if (interruptible_ != nullptr) interruptible_->interrupt();
}

void Engine::say(const std::string& message) {
  message_ = message;
  ++message_number_;
}

}  // namespace ringside

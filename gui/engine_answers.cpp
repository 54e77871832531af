// What the window knows of the machine: the status, and answers to its questions.
#include <algorithm>
#include <exception>

#include "debugger/inspect/processor_view.h"
#include "gui/engine.h"
#include "machine/thread_time.h"

namespace ringside {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kForget = 30;  // frames in which nobody asked a question
constexpr int kAnswerShare = 200;      // at most one part in so many of the time goes into each answer

}  // namespace

EngineStatus Engine::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Engine::begin_frame() {
  const std::lock_guard lock(mutex_);
  ++frame_;
}

Engine::Answer Engine::ask(const void* slot, const std::string& key, const Query& query, bool every_frame) {
  bool anew = false;
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    Slot& s = slots_[slot];
    s.asked = frame_;
    s.every_frame = every_frame;
    if (!s.query || s.key != key) {
      s.key = key;
      s.query = query;
      s.stale = true;
      idle_ = false;
      anew = true;
    }
    answer = s.answer;
  }
  if (anew) wake();
  return answer;
}

void Engine::refresh() {
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, slot] : slots_) slot.stale = true;
    idle_ = false;
  }
  wake();
}

bool Engine::settle(int timeout) {
  std::unique_lock lock(mutex_);
  return settled_.wait_for(lock, std::chrono::milliseconds(timeout), [this] { return idle_; });
}

// ===== In the machine's thread ========================================================================

void Engine::publish_status() {
  const Machine& machine = session_->machine();
  const auto now = Clock::now();
  if (running_ && now - mips_since_ >= 250ms) {
    const double seconds = std::chrono::duration<double>(now - mips_since_).count();
    mips_ = static_cast<double>(machine.instructions() - mips_instructions_) / seconds / 1e6;
    mips_instructions_ = machine.instructions();
    mips_since_ = now;
  }
  EngineStatus s;
  s.running = running_;
  s.halted = machine.halted();
  s.ask_new_future = ask_new_future_;
  s.typing = session_->typing();
  s.cpl = machine.cpu().cpl;
  s.moment = machine.moment();
  s.end = s.moment;
  if (const TimeTravel* time = session_->time()) {
    s.can_go_back = true;
    s.in_past = time->in_past();
    s.begin = time->begin();
    s.end = time->end();
  }
  s.instructions = machine.instructions();
  s.nanoseconds = machine.events().clock().nanoseconds(machine.now());
  s.mips = running_ ? mips_ : 0;
  s.code_linear = machine.cpu().seg[kCS].base + machine.cpu().eip;
  s.mode = mode_name(machine.cpu());
  s.stop = running_ ? "" : stop_text_;
  s.died = died_;
  s.gdb = gdb_ != nullptr && gdb_->attached();
  s.recording = session_->recording();
  s.replay_end = session_->replay_end();
  s.message = message_;
  s.message_number = message_number_;
  s.stops = stops_;
  const std::lock_guard lock(mutex_);
  s.busy = status_.busy;
  status_ = std::move(s);
}

// Answers are made without the lock; a question that was changed meanwhile stays stale.
bool Engine::answer_questions(bool all) {
  bool news = false;
  struct Work {
    const void* id;
    std::string key;
    Query query;
  };
  std::vector<Work> work;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(slots_, [this](const auto& s) { return frame_ - s.second.asked > kForget; });
    const auto now = Clock::now();
    for (auto& [id, slot] : slots_) {
      const bool due = slot.every_frame || (all && now - slot.answered >= slot.cost * kAnswerShare);
      if (slot.stale || slot.answer.stop != stops_ || (running_ && due)) work.push_back({id, slot.key, slot.query});
    }
  }
  for (const Work& w : work) {
    std::shared_ptr<const void> value;
    const auto began = thread_time();
    try {
      value = w.query(*session_);
    } catch (const std::exception& error) {
      say(error.what());
    }
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(w.id);
    if (found == slots_.end() || found->second.key != w.key) continue;
    Slot& slot = found->second;
    slot.stale = false;
    slot.cost = thread_time() - began;
    slot.answered = Clock::now();
    if (value != nullptr) {
      slot.answer.value = std::move(value);
      news = true;
    }
    slot.answer.number = ++answers_;
    slot.answer.stop = stops_;
    slot.answer.running = running_;
  }
  return news;
}

}  // namespace ringside

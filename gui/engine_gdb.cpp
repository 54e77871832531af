// gdb beside the window: what the machine's thread does for it.
#include <exception>

#include "gui/engine.h"

namespace ringside {

// What it wishes may fail as what the window wishes: a recording's file that cannot grow, say.
void Engine::serve_gdb() {
  try {
    do_for_gdb();
  } catch (const std::exception& error) {
    set_interruptible(nullptr);
    stop_running(error.what());
    say(error.what());
    const std::lock_guard lock(mutex_);
    status_.busy = false;
  }
}

// What gdb wishes is done between two slices, as what the window wishes; and whoever has stopped the machine, a gdb that
// waits for that is told.
void Engine::do_for_gdb() {
  const bool recorded = !session_->recording().empty();
  set_interruptible(&session_->debugger());
  const SharedGdb::Wish wish = gdb_->serve(recorded ? "the session is recorded, and a replay could not know of changes by hand" : "");
  set_interruptible(nullptr);
  if (wish.stand && running_) stop_running("stopped by gdb");
  if (wish.run && !running_) start();
  if (wish.move) move_for_gdb();
  if (wish.changed) {
    session_->note({.why = StopWhy::kStepped, .moment = session_->machine().moment()});
    ++stops_;
  }
  if (!running_ && gdb_->waits()) gdb_->stopped(stop_.value_or(Stop{.why = StopWhy::kInterrupted, .moment = session_->machine().moment()}));
}

void Engine::move_for_gdb() {
  running_ = false;
  {
    const std::lock_guard lock(mutex_);
    status_.busy = true;
  }
  ++news_;
  set_interruptible(&session_->debugger());
  stand(session_->note(gdb_->move()));
  set_interruptible(nullptr);
  const std::lock_guard lock(mutex_);
  status_.busy = false;
}

// The debugger goes with its machine; what gdb has set is set again in the new one.
void Engine::change_machine(const std::function<void(Session&)>& change, Session& session) {
  struct Released {
    Engine& engine;
    explicit Released(Engine& e) : engine(e) {
      if (engine.gdb_ != nullptr) engine.gdb_->release();
    }
    ~Released() {
      if (engine.gdb_ != nullptr) engine.gdb_->take(engine.session_->debugger());
    }
  } released(*this);
  change(session);
}

}  // namespace ringside

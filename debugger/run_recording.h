// The recording of a run: in the file that --record names, or kept in case that a scenario fails.
#pragma once

#include <memory>
#include <string>

#include "machine/recording.h"

namespace ringside {

class RunRecording {
 public:
  /// To the file at `path`; where that is empty, in memory, for save(). Throws FileError.
  RunRecording(Machine& machine, const std::string& path, Recorder::Start start, HashIntervals intervals);

  void look() { recorder_->look(); }
  Tick next() const { return recorder_->next(); }
  /// With `with_state`, it can be opened at this moment.
  void end(const RecordingEnd& end, bool with_state) { recorder_->end(end, with_state); }
  /// What was kept in memory, to a file.
  void save(const std::string& path) const;
  bool in_memory() const { return memory_ != nullptr; }

 private:
  std::unique_ptr<FileOutput> file_;
  std::unique_ptr<MemoryOutput> memory_;
  std::unique_ptr<Recorder> recorder_;
};

}  // namespace ringside

#include "debugger/run_recording.h"

namespace ringside {

RunRecording::RunRecording(Machine& machine, const std::string& path, Recorder::Start start, HashIntervals intervals) {
  ByteOutput* out = nullptr;
  if (path.empty()) {
    memory_ = std::make_unique<MemoryOutput>();
    out = memory_.get();
  } else {
    file_ = std::make_unique<FileOutput>(path, "recording", FileOutput::Mode::kGrowing);
    out = file_.get();
  }
  recorder_ = std::make_unique<Recorder>(machine, *out, start, intervals);
}

void RunRecording::save(const std::string& path) const {
  FileOutput file(path, "recording", FileOutput::Mode::kAtomic);
  file.write(memory_->bytes());
  file.commit();
}

}  // namespace ringside

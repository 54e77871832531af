// What this thread has cost the host: it follows the work, not what else the host does meanwhile.
#pragma once

#include <chrono>
#include <ctime>

namespace ringside {

/// Processor time that the calling thread has used.
inline std::chrono::nanoseconds thread_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

inline double thread_seconds() { return std::chrono::duration<double>(thread_time()).count(); }

}  // namespace ringside

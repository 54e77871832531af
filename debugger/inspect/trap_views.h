// Traps as a table, one of them explained, and the rings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "debugger/inspect/document.h"
#include "debugger/inspect/session.h"

namespace ringside {

struct TrapFilter {
  bool exceptions = true, interrupts = true, software = true, returns = false, others = true;
  std::optional<unsigned> vector;
  std::string text;  ///< part of the row's text
};

struct TrapRow {
  std::uint64_t number = 0;
  Moment moment;
  TrapKind kind{};
  std::string name;      ///< "#PF", "IRQ 0 (vector 20)", "INT 80", "IRET"
  std::string from, to;  ///< with names
  std::string rings;     ///< "3 -> 0"
  std::string sentence;  ///< why
  bool past = false;     ///< before the present moment
};
/// The newest first, at most `most`.
std::vector<TrapRow> trap_rows(const Session& session, const TrapFilter& filter, std::size_t most);

/// The remembered traps along time, in pieces of equal length.
struct TrapTimeline {
  struct Piece {
    unsigned exceptions = 0, interrupts = 0, software = 0, others = 0;
    std::optional<std::uint64_t> first;  ///< number of the first trap in it
    Moment moment;                       ///< of that one
  };
  Tick begin = 0, end = 0, present = 0;
  std::vector<Piece> pieces;
};
TrapTimeline trap_timeline(const Session& session, const TrapFilter& filter, unsigned pieces);

/// "#PF", "interrupt 20h", ...
std::string trap_name(const TrapEvent& event);

/// Everything about one trap: sentence, explanation, operands bit by bit, the pushed frame, the chain.
Document explain_trap(const Session& session, std::uint64_t number);
/// The faults that led to a shutdown, or the last double fault's.
Document explain_chain(const Session& session);
/// What the panel shows: the chain where the machine has died, else the chosen trap, else the latest exception.
Document view_explained_fault(const Session& session, std::optional<std::uint64_t> chosen);

/// Two or three sentences for a student: which check failed, why it exists, what to look at. Never empty.
std::string explanation_of(Cause cause);

struct RingView {
  unsigned cpl = 0;
  bool v86 = false;
  struct Count {
    unsigned from = 0, to = 0;
    const char* by = "";
    std::uint64_t times = 0;
  };
  std::uint64_t transitions[4][4] = {};
  std::vector<Count> ways;   ///< the same, by what means
  struct Step {
    std::uint64_t number = 0;
    Moment moment;
    std::string how, from, to;
    unsigned from_ring = 0, to_ring = 0;
  };
  std::vector<Step> latest;  ///< newest first
};
RingView view_rings(const Session& session, std::size_t most);
/// The latest changes; and how often the processor has gone from which ring to which, by what means.
Document rings_document(const RingView& view);
Document ring_ways_document(const RingView& view);

}  // namespace ringside

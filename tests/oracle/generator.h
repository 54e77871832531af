// Makes the case of a form, a mode and a seed: the same on every host.
#pragma once

#include "tests/oracle/case.h"
#include "tests/oracle/form.h"

namespace ringside::oracle {

enum class Mode : std::uint8_t { k16, k32 };

/// Vectors name the generator that their inputs come from; to be raised with every change of its choices.
constexpr std::uint32_t kGeneratorVersion = 1;

void generate(const Form& form, Mode mode, std::uint64_t seed, Case& c);
/// The seed of case `index` of a section.
std::uint64_t case_seed(std::uint64_t seed, const Form& form, Mode mode, std::uint64_t index);

}  // namespace ringside::oracle

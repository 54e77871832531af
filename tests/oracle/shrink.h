// Makes a case that differs from silicon as small as it can be and still differ, and writes it as a test.
#pragma once

#include <functional>
#include <string>

#include "tests/oracle/case.h"

namespace ringside::oracle {

/// True where the case still shows the difference.
using Shows = std::function<bool(const Case&)>;

/// A case for which `shows` holds, with as little in it as was found: `c` holds it at the start.
Case shrunk(const Case& c, const Shows& shows);

/// A test of test_findings.cpp: the case, and silicon's result as what is expected.
std::string as_test(const std::string& name, const Case& c, const Result& silicon);

}  // namespace ringside::oracle

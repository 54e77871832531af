#include "cpu/x87/float80.h"
#include "cpu/fault.h"
namespace ringside::x87 {
Float80 f2xm1(Arithmetic&, Float80) { throw Unimplemented{"F2XM1 (D9 F0)"}; }
Float80 fyl2x(Arithmetic&, Float80, Float80) { throw Unimplemented{"FYL2X (D9 F1)"}; }
Float80 fyl2xp1(Arithmetic&, Float80, Float80) { throw Unimplemented{"FYL2XP1 (D9 F9)"}; }
Float80 fpatan(Arithmetic&, Float80, Float80) { throw Unimplemented{"FPATAN (D9 F3)"}; }
bool sine_cosine(Arithmetic&, Float80, Float80*, Float80*, Float80*) { throw Unimplemented{"FSIN, FCOS, FSINCOS, FPTAN"}; }
}

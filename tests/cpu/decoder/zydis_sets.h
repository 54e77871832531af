// Which of the instruction sets that Zydis names a Pentium 4 without SSE3 (Northwood) has.
#pragma once

#include <Zydis/Zydis.h>

namespace ringside {

/// The sets whose every form must be in our table.
inline bool is_simd(const ZydisDecodedInstruction& in) {
  switch (in.meta.isa_set) {
    case ZYDIS_ISA_SET_PENTIUMMMX:
    case ZYDIS_ISA_SET_SSE:
    case ZYDIS_ISA_SET_SSE2:
    case ZYDIS_ISA_SET_SSE2MMX:
    case ZYDIS_ISA_SET_SSEMXCSR:
    case ZYDIS_ISA_SET_CLFSH:
    case ZYDIS_ISA_SET_FXSAVE: return true;
    default: return false;
  }
}

inline bool on_pentium4(const ZydisDecodedInstruction& in) {
  switch (in.meta.isa_set) {
    case ZYDIS_ISA_SET_I86:
    case ZYDIS_ISA_SET_I186:
    case ZYDIS_ISA_SET_I286REAL:
    case ZYDIS_ISA_SET_I286PROTECTED:
    case ZYDIS_ISA_SET_I386:
    case ZYDIS_ISA_SET_I486:
    case ZYDIS_ISA_SET_I486REAL:
    case ZYDIS_ISA_SET_PENTIUMREAL:
    case ZYDIS_ISA_SET_PPRO:
    case ZYDIS_ISA_SET_LAHF:
    case ZYDIS_ISA_SET_X87:
    case ZYDIS_ISA_SET_FCMOV:
    case ZYDIS_ISA_SET_CMOV:
    case ZYDIS_ISA_SET_FAT_NOP:
    case ZYDIS_ISA_SET_RDPMC:
    case ZYDIS_ISA_SET_PAUSE:
    case ZYDIS_ISA_SET_SSE_PREFETCH: return true;
    default: return is_simd(in);
  }
}

}  // namespace ringside

; The disk image: its parts one behind the other.
%include "layout.inc"

    incbin "mbr.bin"
    incbin "loader.bin"                 ; with the kernel at its end
    times DISK_SECTORS * 512 - ($ - $$) db 0

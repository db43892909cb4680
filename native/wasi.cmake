# Toolchain file: clang with the wasm32 libraries of LLVM and wasi-libc. ELANUS_CLANG names the compiler. The core uses
# nothing of WASI itself: what comes from there is malloc and the headers.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_CXX_COMPILER ${ELANUS_CLANG})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ELANUS_CLANG)

# By this name of the target wasi-libc of 2022 is found; newer compilers would rather hear wasm32-wasip1.
set(CMAKE_CXX_FLAGS_INIT "--target=wasm32-wasi -Wno-deprecated")

# elanus_tests as a program of WebAssembly: the tests of the core over the kernels of this module, compiled as the module
# is. Clang makes elanus_tests.wasm, for WASI; Emscripten elanus_tests.js beside it. GoogleTest is compiled along, from the
# source that Debian's package brings.
find_path(GTEST src/gtest-all.cc PATHS /usr/src/googletest/googletest /usr/src/gtest NO_CMAKE_FIND_ROOT_PATH REQUIRED)
file(GLOB TEST_SOURCES CONFIGURE_DEPENDS test/*_test.cc test/allocations.cc)
set(GTEST_SOURCES ${GTEST}/src/gtest-all.cc ${GTEST}/src/gtest_main.cc)
set_source_files_properties(${GTEST_SOURCES} PROPERTIES COMPILE_OPTIONS -w)
set_source_files_properties(${CORE_SOURCES} PROPERTIES COMPILE_OPTIONS "-O3")
add_executable(elanus_tests ${CORE_SOURCES} ${TEST_SOURCES} ${GTEST_SOURCES})
set_target_properties(elanus_tests PROPERTIES POSITION_INDEPENDENT_CODE OFF)
target_include_directories(elanus_tests PRIVATE include src)
target_include_directories(elanus_tests SYSTEM PRIVATE ${GTEST} ${GTEST}/include)
target_compile_definitions(elanus_tests PRIVATE
  ELANUS_GOLDEN="${CMAKE_CURRENT_SOURCE_DIR}/test/golden"
  GTEST_HAS_DEATH_TEST=0 GTEST_HAS_EXCEPTIONS=0 GTEST_HAS_POSIX_RE=0 GTEST_HAS_PTHREAD=0 GTEST_HAS_RTTI=0
  GTEST_HAS_STREAM_REDIRECTION=0 _WASI_EMULATED_GETPID _WASI_EMULATED_SIGNAL)
target_compile_options(elanus_tests PRIVATE ${CORE_OPTIONS} ${SIMD})

target_link_options(elanus_tests PRIVATE -Wl,--wrap=posix_memalign)

if(EMSCRIPTEN)
  # Of what it writes, Node shall take the .js for CommonJS, whatever the package above says.
  file(WRITE ${CMAKE_BINARY_DIR}/package.json "{\"type\": \"commonjs\"}\n")
  set_target_properties(elanus_tests PROPERTIES SUFFIX .js)
  target_link_options(elanus_tests PRIVATE
    ${SIMD} -O1 -sENVIRONMENT=node -sNODERAWFS -sEXIT_RUNTIME -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB -sTOTAL_STACK=1MB)
else()
  # Node 20 crashes at the end of some WASI programs whose memory has grown, so this one begins with all that it needs.
  set_target_properties(elanus_tests PROPERTIES SUFFIX .wasm)
  target_link_options(elanus_tests PRIVATE
    ${SIMD} -mexec-model=command -O0 -Wl,--stack-first -Wl,-z,stack-size=1048576
    -Wl,--initial-memory=1073741824 -Wl,--max-memory=4294967296)
  target_link_libraries(elanus_tests PRIVATE wasi-emulated-getpid wasi-emulated-signal)
endif()

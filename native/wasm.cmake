# core.wasm: the core without JavaScript around it. It imports nothing that does I/O, starts at 2 MB of memory, grows
# to 4 GB, and exports memory, _initialize and the functions of elanus.h, whose names are read from that header.
# ELANUS_RELAXED makes the second module, for engines that have relaxed SIMD; ELANUS_TESTS the tests of either instead.
file(STRINGS include/elanus.h DECLARATIONS REGEX "^ELANUS_API ")
set(NAMES "")
foreach(DECLARATION IN LISTS DECLARATIONS)
  string(REGEX MATCH "elanus_[a-z0-9_]+\\(" NAME "${DECLARATION}")
  string(REPLACE "(" "" NAME "${NAME}")
  list(APPEND NAMES ${NAME})
endforeach()

set(SIMD -msimd128)
if(ELANUS_RELAXED)
  list(APPEND SIMD -mrelaxed-simd)
endif()
if(ELANUS_TESTS)
  include(wasm_tests.cmake)
  return()
endif()

add_executable(core ${CORE_SOURCES})
target_include_directories(core PRIVATE include src)
target_compile_options(core PRIVATE ${CORE_OPTIONS} -O3 ${SIMD})
set_target_properties(core PROPERTIES
  SUFFIX .wasm POSITION_INDEPENDENT_CODE OFF LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/include/elanus.h)

# wasm-ld exports what it is told to and no more. -O0 is for the link alone: at any other level clang would run a
# wasm-opt that is on PATH, though it may be older than relaxed SIMD; clang 19, told --no-wasm-opt, does not link at all.
if(NOT EMSCRIPTEN)
  list(TRANSFORM NAMES PREPEND "-Wl,--export=" OUTPUT_VARIABLE EXPORTS)
  target_link_options(core PRIVATE
    ${SIMD} ${EXPORTS} -mexec-model=reactor -O0 -Wl,--gc-sections -Wl,--strip-all -Wl,--stack-first -Wl,-z,stack-size=131072
    -Wl,--initial-memory=2097152 -Wl,--max-memory=4294967296)
  return()
endif()

list(TRANSFORM NAMES PREPEND "_" OUTPUT_VARIABLE SYMBOLS)
list(JOIN SYMBOLS "," SYMBOLS)
target_link_options(core PRIVATE
  -O3 ${SIMD} --no-entry
  -sSTANDALONE_WASM -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB
  -sINITIAL_MEMORY=2MB -sTOTAL_STACK=128KB -sMALLOC=emmalloc -sFILESYSTEM=0
  -sEXPORTED_FUNCTIONS=${SYMBOLS})

# Emscripten adds exports of its own, which differ from version to version. A graph of what the outside may reach
# removes them and what only they used.
find_program(WASM_METADCE wasm-metadce HINTS ${EMSCRIPTEN_ROOT_PATH}/../bin NO_CMAKE_FIND_ROOT_PATH)
if(NOT WASM_METADCE)
  message(FATAL_ERROR "wasm-metadce was not found beside Emscripten or on PATH: it is a part of Binaryen")
endif()
set(REACHED "")
set(EXPORTS "")
foreach(NAME IN LISTS NAMES ITEMS memory _initialize)
  list(APPEND REACHED "\"${NAME}\"")
  list(APPEND EXPORTS "{\"name\": \"${NAME}\", \"export\": \"${NAME}\"}")
endforeach()
list(JOIN REACHED ", " REACHED)
list(JOIN EXPORTS ",\n " EXPORTS)
file(WRITE ${CMAKE_BINARY_DIR}/exports.json
  "[{\"name\": \"outside\", \"root\": true, \"reaches\": [${REACHED}]},\n ${EXPORTS}]\n")
add_custom_command(TARGET core POST_BUILD COMMAND
  ${WASM_METADCE} --all-features --graph-file=${CMAKE_BINARY_DIR}/exports.json core.wasm -o core.wasm > metadce.txt
  VERBATIM)

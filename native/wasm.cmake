# core.wasm: the core without JavaScript around it. It imports nothing that does I/O, starts at 2 MB of memory, grows
# to 4 GB, and exports memory, _initialize and the functions of elanus.h, whose names are read from that header.
file(STRINGS include/elanus.h DECLARATIONS REGEX "^ELANUS_API ")
set(EXPORTS "")
foreach(DECLARATION IN LISTS DECLARATIONS)
  string(REGEX MATCH "elanus_[a-z0-9_]+\\(" NAME "${DECLARATION}")
  string(REPLACE "(" "" NAME "${NAME}")
  list(APPEND EXPORTS "_${NAME}")
endforeach()
list(JOIN EXPORTS "," EXPORTS)

add_executable(core ${CORE_SOURCES})
target_include_directories(core PRIVATE include src)
target_compile_options(core PRIVATE ${CORE_OPTIONS} -O3 -msimd128)
set_target_properties(core PROPERTIES SUFFIX .wasm)
target_link_options(core PRIVATE
  -O3 -msimd128 --no-entry --profiling-funcs
  -sSTANDALONE_WASM -sALLOW_MEMORY_GROWTH -sMAXIMUM_MEMORY=4GB
  -sINITIAL_MEMORY=2MB -sTOTAL_STACK=128KB -sMALLOC=emmalloc -sFILESYSTEM=0
  -sEXPORTED_FUNCTIONS=${EXPORTS})

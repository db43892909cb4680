// Sanitizers: a request for more memory than there is gives NULL under them too, as it does without, so that a test
// can see it refused. The runtime looks for this by name, so it may not be hidden.
extern "C" __attribute__((visibility("default"))) const char *__asan_default_options();
extern "C" const char *__asan_default_options() { return "allocator_may_return_null=1"; }

// A .wasm import at the edge is a compiled module.

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

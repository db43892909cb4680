// elanus/server: what programs start a server by that is their own process.

export type { Conflict, ConflictRules, OnConflict } from '../engine/api/push.js';
export { createApp, type AppOptions } from './app.js';
export { ADMISSION_LIMITS, type AdmissionLimits } from './admission.js';
export { PORT_LIMITS, type PortLimits } from './port/limits.js';
export type { PortCounts } from './port/port.js';
export type { TlsFiles } from './port/tls.js';
export type { ReplicaFile, ReplicaManifest, ReplicaSource } from './replica-source.js';
export { startServer, type RunningServer, type ServerOptions } from './server.js';

import process from 'node:process';

// Scripts that run ONNX Runtime themselves, as the children of WorkerPool: it tells nobody of its sessions unless asked to.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

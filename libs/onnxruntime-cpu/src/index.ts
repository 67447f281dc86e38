export { createMeasuredCpu, type MeasuredCpu, type MeasuredCpuOptions } from './measured-cpu.js';
export { pinnedTo } from './pinned-processors.js';

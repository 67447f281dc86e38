export { EXIT_CODES, type ExitCode } from './exit-codes.js';
export { POLICY_SCHEMA, type PolicyFile } from './report/policy-file.js';
export { runCli } from './run-cli.js';
export type { Output, Surroundings } from './surroundings.js';

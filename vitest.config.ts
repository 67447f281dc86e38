import { defineConfig } from 'vitest/config';

/** Tests read the sources of every package, never a build: see "exports" in each package.json. */
const conditions = ['@bitwright/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  // vitest hands these to node itself, where "import" would give ES modules to a package's own require()
  ssr: { resolve: { conditions: ['@bitwright/source'], externalConditions: ['@bitwright/source'] } },
  test: {
    include: [
      'libs/*/src/**/*.test.ts',
      'services/*/src/**/*.test.ts',
      'test/{conformance,contract,e2e,fidelity}/**/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    env: {
      // Colours come on by themselves under CI; tests read the text alone.
      NO_COLOR: '1',
      // Tests that load ONNX Runtime themselves, as the children of WorkerPool: no telemetry unless asked for.
      // biome-ignore lint/style/noProcessEnv: what its user wants goes first.
      ORT_DISABLE_TELEMETRY: process.env['ORT_DISABLE_TELEMETRY'] ?? '1',
    },
    pool: 'forks',
    maxWorkers: 2,
    // Tests that kill real processes depend on the machine's load: one more try before they count as failed.
    retry: 1,
    // For whatever hangs; what computes long must also end where other work slows it down.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});

import {
  type ConstantValues,
  fieldConstants,
  type PhysicalConstant,
  type ProfileConstants,
} from '../profile-file/physical-constant.js';
import {
  ARITHMETIC_ENERGY,
  MEMORY_BANDWIDTH,
  MEMORY_ENERGY,
  OVERHEAD,
  STATIC_POWER,
} from '../profile-file/shared-constants.js';
import { executedBits } from './peak-table.js';
import type { Peak, RooflineProfile } from './profile.js';

const single = fieldConstants({
  dramGigabytesPerSecond: MEMORY_BANDWIDTH,
  launchMicrosecondsPerLayer: OVERHEAD,
  multiplyInt8Picojoules: ARITHMETIC_ENERGY,
  addInt32Picojoules: ARITHMETIC_ENERGY,
  dramPicojoulesPerBit: MEMORY_ENERGY,
  staticMilliwatts: STATIC_POWER,
});

/** What measurements can tell of a device that is known by its peaks: one peak for each of its kernels, and the rest. */
export const rooflineConstants: ProfileConstants<RooflineProfile> = (profile) => {
  const kernels = kernelsOf(profile.peaks);
  const rest = single(profile);
  const setPeaks = peakSetter(profile.peaks, kernels);
  return {
    constants: [...kernels.map(peakConstant), ...rest.constants],
    set: (values) => {
      const fields = Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith(PREFIX)));
      return { ...rest.set(fields), peaks: setPeaks(values) };
    },
  };
};

const PREFIX = 'peaks:';

/** Pairs that run the same kernel at the same peak: they have it in common. */
type Kernel = {
  readonly name: string;
  /** What runs: weights/activations. */
  readonly bits: string;
  readonly indices: readonly number[];
  readonly value: number;
};

function kernelsOf(peaks: readonly Peak[]): readonly Kernel[] {
  const kernels = new Map<string, Kernel>();
  peaks.forEach((peak, index) => {
    const { executedWeightBits, executedActivationBits } = executedBits(peak);
    const bits = `${executedWeightBits}/${executedActivationBits}`;
    const value = peak.teraOperationsPerSecond;
    const known = kernels.get(`${bits} ${value}`);
    const isTaken = [...kernels.values()].some((kernel) => kernel.name === PREFIX + bits);
    const name = known?.name ?? PREFIX + (isTaken ? `${peak.weightBits}/${peak.activationBits}` : bits);
    kernels.set(`${bits} ${value}`, { name, bits, value, indices: [...(known?.indices ?? []), index] });
  });
  return [...kernels.values()];
}

function peakConstant({ name, bits, indices, value }: Kernel): PhysicalConstant {
  return {
    ...{ name, field: 'peaks', unit: 'TOPS', explains: 'latency', low: 1e-6, high: 100_000, value },
    paths: indices.map((index) => ['peaks', index, 'teraOperationsPerSecond']),
    identifiedBy: `wide convolutions at bits that run as ${bits} (weights/activations)`,
  };
}

/** More bits are never faster: a kernel gets the lowest peak among those that pairs with fewer bits run. */
function peakSetter(peaks: readonly Peak[], kernels: readonly Kernel[]): (values: ConstantValues) => readonly Peak[] {
  const kernelOf = peaks.map((_, index) => kernels.findIndex(({ indices }) => indices.includes(index)));
  const narrowerOf = kernels.map((kernel) => narrowerKernels(kernel, kernels, peaks));
  return (values) => {
    const limits = kernels.map(({ name, value }) => values[name] ?? value);
    // Once for each kernel: what one of them loses, those above it lose too.
    for (const _ of kernels) {
      narrowerOf.forEach((narrower, at) => {
        limits[at] = Math.min(...narrower.map((other) => limits[other] as number));
      });
    }
    return peaks.map((peak, index) => ({
      ...peak,
      teraOperationsPerSecond: limits[kernelOf[index] as number] as number,
    }));
  };
}

/** Positions of the kernels that some pair runs with no more bits than a pair of this one, itself among them. */
function narrowerKernels({ indices }: Kernel, kernels: readonly Kernel[], peaks: readonly Peak[]): readonly number[] {
  const isNarrower = (one: number, other: number) => {
    const [narrow, wide] = [peaks[one] as Peak, peaks[other] as Peak];
    return narrow.weightBits <= wide.weightBits && narrow.activationBits <= wide.activationBits;
  };
  return kernels.flatMap((kernel, at) =>
    kernel.indices.some((one) => indices.some((other) => isNarrower(one, other))) ? [at] : [],
  );
}

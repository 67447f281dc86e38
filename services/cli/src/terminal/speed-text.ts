import type { IntegerSpeed } from '@bitwright/core';

/** `2.25 times as fast as float32`. */
export function speedUpText({ timesAsFast }: IntegerSpeed): string {
  return `${timesAsFast.toFixed(2)} times as fast as float32`;
}

/** The same with what both take. */
export function speedText(speed: IntegerSpeed): string {
  const [float, integers] = [speed.floatMs, speed.integersMs].map((ms) => ms.toPrecision(3));
  return `${speedUpText(speed)}: ${integers} against ${float} ms an image on one thread, where the quantizer runs`;
}

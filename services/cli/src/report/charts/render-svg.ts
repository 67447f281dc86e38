import * as echarts from 'echarts';

export type ChartOption = echarts.EChartsCoreOption;

/** Colours that stay apart in print and for most colour-blind readers. */
export const COLORS = {
  weights: '#0f766e',
  activations: '#c026d3',
  quiet: '#94a3b8',
  result: '#dc2626',
  memory: '#d97706',
  overhead: '#475569',
} as const;

const WIDTH = 1040;

/** Without a browser text is measured by guess: room between the entries keeps them from overlapping. */
export const LEGEND = { itemGap: 28, textStyle: { padding: [0, 10, 0, 0] } };

/** Draws a chart as an SVG element; no browser, no script in the result. */
export function renderSvg(height: number, option: ChartOption): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif' }, ...option });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

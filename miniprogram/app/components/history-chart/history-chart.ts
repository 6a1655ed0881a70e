/** A drawn history: `chart` is what history-view.ts makes, `empty` what stands there when there is nothing to draw. */
Component({
  properties: { chart: { type: Object, value: {} as object }, empty: String, label: String },
})

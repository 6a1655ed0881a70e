Page({
  data: { query: '' },
  onLoad(query: Record<string, string | undefined>) {
    this.setData({ query: JSON.stringify(query) })
  },
})

Component({
  options: { multipleSlots: true },
  properties: { name: String, count: { type: Number, value: 0 } },
  data: { doubled: 0 },
  observers: {
    count(count: number) {
      this.setData({ doubled: count * 2 })
    },
  },
  methods: {
    press() {
      this.triggerEvent('press', { name: this.data.name })
    },
  },
})

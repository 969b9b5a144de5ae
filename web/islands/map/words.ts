import { dictionary } from "../../kit/language";

export const say = dictionary({
  loading: ["正在读取地图…", "Loading the map…"],
  panel: ["图层与对象", "Layers and objects"],
  layers: ["图层与图例", "Layers and legend"],
  inView: ["视野内 {count}", "In view: {count}"],
  listed: ["全部对象 {count}", "All objects: {count}"],
  nothing: ["视野内没有对象。请缩小地图，或勾选更多图层。", "Nothing in view. Zoom out, or tick more layers."],
  more: ["还有 {count} 个，放大地图后列出。", "{count} more; zoom in to list them."],
  noData: ["无数据", "No data"],
  noWebgl: ["本机浏览器不支持 WebGL，无法绘制地图；全部对象列在这里。", "This browser has no WebGL, so no map can be drawn; every object is listed here."],
  failed: ["未能读取：{why}", "Could not be read: {why}"],
  stale: ["{at} 之后未能更新：{why}", "Not updated since {at}: {why}"],
  retry: ["重试", "Try again"],
  open: ["打开记录", "Open the record"],
  close: ["关闭", "Close"],
  together: ["此处 {count} 个对象", "{count} objects here"],
  wholeArea: ["全部范围", "Whole area"],
  map: ["地图。用方向键移动，加减键缩放；对象也列在左侧。", "Map. Move with the arrow keys, zoom with plus and minus; the objects are also listed beside it."],
  zoomIn: ["放大", "Zoom in"],
  zoomOut: ["缩小", "Zoom out"],
});

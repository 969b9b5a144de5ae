"""Words of which names and addresses of enterprises are made.

Source: 企业名称登记管理规定 (2020), article 6: a name is made of division, trade name, trade or business, and form
of organisation; article 13: a branch carries the name of its enterprise with 分公司, 分厂, 分店 or the like after it.
公司法 (2023), article 7: 有限责任公司 and 有限公司 are the same form. Recalled, not checked against the text. The words
of business are a choice of those that names in pollution lists end with; a word that is missing here stays part of the
trade name, on both sides of a comparison alike.
"""

from typing import Final

FORMS: Final[dict[str, str]] = {
    "有限责任公司": "company",
    "有限公司": "company",
    "责任公司": "company",
    "集团有限责任公司": "company",
    "集团有限公司": "company",
    "集团公司": "company",
    "总公司": "company",
    "公司": "company",
    "集团股份有限公司": "stock",
    "股份有限公司": "stock",
    "股份公司": "stock",
    "专业合作社": "cooperative",
    "合作社": "cooperative",
    "合伙企业": "partnership",
    "普通合伙": "partnership",
    "有限合伙": "partnership",
    "总厂": "works",
    "加工厂": "works",
    "厂": "works",
    "场": "works",
    "作坊": "works",
    "经营部": "shop",
    "门市部": "shop",
    "服务部": "shop",
    "商行": "shop",
    "中心": "centre",
    "店": "shop",
    "站": "station",
}
"""Ends of names, and the form that each stands for."""

BRANCHES: Final = ("分公司", "支公司", "分厂", "分店", "分院", "分站", "厂区", "生产基地", "项目部", "车间")
"""What stands after a name to say that a part of the enterprise is meant."""

BUSINESS: Final = tuple(
    """
    新材料 新能源 环保科技 生物科技 生物医药 食品饮料 汽车零部件 汽车维修 汽车配件 汽车服务 污水处理 水处理
    垃圾处理 固废处理 混凝土 商品混凝土 预拌混凝土 水泥制品 塑料制品 橡胶制品 金属制品 金属加工 五金制品
    五金加工 木制品 纸制品 纸业 包装制品 包装印刷 包装材料 彩印包装 建筑材料 装饰材料 机械制造 机械设备
    机电设备 电子科技 电子材料 精密机械 石油化工 精细化工 化学工业 有色金属 表面处理 金属表面处理 房地产开发
    畜禽养殖 生猪养殖 生态农业 农业开发 餐饮管理 加油站 再生资源 资源回收 设备制造 工程建设 物流运输 化工
    纺织 印染 电镀 食品 饮料 乳业 酿酒 酒业 制药 药业 医药 医院 卫生院 机械 电子 电器 电气 电力 热力 能源
    燃气 钢铁 冶金 铸造 锻造 铝业 铜业 金属 五金 模具 建材 水泥 砖 砂石 石材 陶瓷 玻璃 木业 家具 家私 造纸
    印务 印刷 包装 塑料 塑胶 橡胶 涂料 油漆 皮革 制革 鞋业 服饰 服装 制衣 汽车 汽修 汽配 洗涤 餐饮 养殖 牧业
    畜牧 农业 屠宰 肉类 肉制品 调味品 饲料 粮油 环保 环境 水务 排水 供水 物流 运输 建筑 建设 工程 置业 科技
    技术 实业 工业 工贸 贸易 商贸 制造 加工 生产 制品 材料 设备 发展 开发 管理 服务 维修 集团 产业 股份
    """.split()  # noqa: SIM905
)
"""Words of trade and business."""

NO_REGION: Final = ("超市", "门市", "夜市", "小区", "社区", "园区", "厂区", "景区", "片区", "库区", "校区", "工业区")
"""What ends like a division and is none."""

NUMERALS: Final = str.maketrans("零〇一二三四五六七八九", "00123456789")

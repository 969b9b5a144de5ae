"""What Chinese documents without an English number are called in English."""

from typing import Final

_NAMES: Final = {
    "污染物排放自动监测设备标记规则 (2022)": "Rules for Marking Automatic Emission Monitors (2022)",
    "火电、水泥和造纸行业排污单位自动监测数据标记规则 (2020)": "Marking Data of Power, Cement and Paper (2020)",
    "生活垃圾焚烧发电厂自动监测数据标记规则 (2019)": "Rules for Marking Data of Municipal Waste Incinerators (2019)",
    "入河排污口监督管理办法": "Measures on River Outfalls",
    "生态环境部令第35号": "MEE Order No. 35",
    "生态环境部令第30号": "MEE Order No. 30",
    "国办函〔2022〕17号": "State Council Office letter Guobanhan [2022] No. 17",
    "国务院令第820号": "State Council Order No. 820",
    "生态环境法典": "Ecological and Environmental Code",
    "夜间突击排放执法实践": "Practice of enforcement against discharges by night",
    "排污许可管理条例 (2021)": "Regulation on Pollutant Discharge Permits (2021)",
    "排污许可管理条例": "Regulation on Pollutant Discharge Permits",
    "污染源自动监控设施运行管理办法": "Measures on Operating Automatic Monitors of Pollution Sources",
    "污染物排放自动监测设备标记规则": "Rules for Marking Automatic Emission Monitors",
    "环办监测函〔2020〕82号": "MEE letter Huanban Jiance Han [2020] No. 82",
    "环办监测〔2017〕51号": "MEP notice Huanban Jiance [2017] No. 51",
    "环办监测〔2018〕19号": "MEE notice Huanban Jiance [2018] No. 19",
    "环办大气函〔2020〕340号": "MEE letter Huanban Daqi Han [2020] No. 340",
    "成都市智慧执法": "Smart enforcement of Chengdu",
    "环办〔2011〕22号": "MEP notice Huanban [2011] No. 22",
    "环发〔2013〕150号": "MEP notice Huanfa [2013] No. 150",
    "环发〔2015〕164号": "MEP notice Huanfa [2015] No. 164",
    "环大气〔2024〕6号": "MEE notice Huan Daqi [2024] No. 6",
    "加权综合指数（一公开系统的做法）": "Weighted composite index (as one public system has it)",
    "清源": "Qingyuan",
    "环境保护主管部门实施按日连续处罚办法": "Rules on Daily Consecutive Fines",
    "环境保护税法": "Environmental Protection Tax Law",
    "道路机动车大气污染物排放清单编制技术指南（试行）": (
        "Technical guide for emission inventories of road vehicles (trial)"
    ),
    "生态环境监测条例": "Regulation on Ecological and Environmental Monitoring",
    "生态环境部令第10号": "MEE Order No. 10",
    "行政处罚与停产整治决定": "Decisions on penalties and ordered stops",
    "行政处罚法（2021）": "Administrative Penalty Law (2021)",
    "行政处罚法、排污许可管理条例等": "Administrative Penalty Law, Regulation on Discharge Permits and others",
    "行政处罚法": "Administrative Penalty Law",
    "质量守恒": "Conservation of mass",
    "承德市网格化环境监管（2018）": "Grid supervision of Chengde (2018)",
    "三河市网格化环境监管（2015）": "Grid supervision of Sanhe (2015)",
    "承德市网格化环境监管（2018），三河市网格化环境监管（2015）": (
        "Grid supervision of Chengde (2018) and of Sanhe (2015)"
    ),
    "阿尔山市网格化环境监管考核": "Assessment of grid supervision in Arxan",
    "督办亮灯（业务做法）": "Colours of supervision, as practised",
    "奎屯市“红黄蓝”三色分类督办机制（2021）": "Three colours of supervision in Kuitun (2021)",
    "环境行政处罚办法（2010）": "Rules on environmental penalties (2010)",
    "生态环境行政处罚办法（2023）": "Rules on ecological and environmental penalties (2023)",
    "王晓彦等，环境科学 2022, 43(7): 3396-3403": (
        "Wang Xiaoyan and others, Environmental Science (China) 2022, 43(7): 3396-3403"
    ),
    "气象部门检验程序包 meteva": "meteva, the verification package of the weather service",
    "预报范围宽度（业务做法）": "Width of forecast ranges, as practised",
    "GB 18918-2002 修改单": "GB 18918-2002, amendment",
    "标准登记": "Register of standards",
    "现场报文": "Packets seen in the field",
    "污染源自动监控设施现场监督检查办法": "Measures on inspecting automatic monitors of pollution sources",
    "环办〔2014〕64号": "MEP notice Huanban [2014] No. 64",
    "财税〔2018〕117号": "Notice Caishui [2018] No. 117",
    "环境保护主管部门实施查封、扣押办法": "Rules on sealing and seizure",
    "环境保护主管部门实施限制生产、停产整治办法": "Rules on limited and stopped production",
    "环境保护税法实施条例": "Regulation implementing the Environmental Protection Tax Law",
    "生态环境标准管理办法": "Measures on ecological and environmental standards",
    "生态环境法典施行前的法律": "Laws before the Ecological and Environmental Code",
    "福建12369工作管理暂行规定（2015）": "Interim rules of Fujian on 12369 (2015)",
    "福建百姓身边突出生态环境问题举报办法（2018）": "Rules of Fujian on reports of environmental problems (2018)",
    "陕西12369环保举报办法（2018）": "Rules of Shaanxi on 12369 reports (2018)",
    "重污染天气应急减排清单": "Emergency reduction lists for heavy air pollution",
    "重污染天气应急预案修订要求（2018/2019），环大气〔2024〕6号": (
        "Requirements on emergency plans for heavy air pollution (2018/2019), MEE notice Huan Daqi [2024] No. 6"
    ),
    "重污染天气应急预案修订要求（2018/2019）": "Requirements on emergency plans for heavy air pollution (2018/2019)",
}


def in_english(document: str) -> str:
    """Return what a document is called in English.

    Parameters
    ----------
    document : str
        Its number, or its Chinese name.

    Returns
    -------
    str
        Its English name; the number, or a name that has none here, as it is.

    Examples
    --------
    >>> in_english("环境保护税法"), in_english("GB 3838-2002")
    ('Environmental Protection Tax Law', 'GB 3838-2002')
    """
    return _NAMES.get(document, document)

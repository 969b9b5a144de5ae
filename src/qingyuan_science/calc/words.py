"""What the names in questions and answers are called by people."""

from qingyuan_science.plugins import Text

_WORDS = {
    "advice": ("建议采取的措施", "Advice"),
    "after": ("本期", "After"),
    "after_deduction": ("扣除后", "After deduction"),
    "all": ("全部时效", "All leads"),
    "apart": ("单列项目", "Items told apart"),
    "aqi": ("空气质量指数 AQI", "AQI"),
    "arithmetic": ("算术平均", "arithmetic"),
    "attained": ("达标", "Target kept"),
    "attained_ratio": ("达标率 %", "Attained, %"),
    "attained_sections": ("达标断面数", "Sections that attain"),
    "averaging": ("平均时间", "Averaging time"),
    "basic": ("表1 项目数", "Items of table 1"),
    "before": ("前期", "Before"),
    "by_category": ("各级别天数", "Days by category"),
    "by_class": ("各类别断面数", "Sections by class"),
    "by_edition": ("全部按同一版本", "All days by one edition"),
    "by_standard": ("按标准", "By standard"),
    "category": ("类别", "Category"),
    "change": ("变化", "Change"),
    "change_place": ("变化排名", "Place by change"),
    "cities": ("城市", "Cities"),
    "city": ("城市", "City"),
    "class": ("水质类别", "Class"),
    "class_name": ("类别名称", "Class in words"),
    "classes_better": ("好转类别数", "Classes better"),
    "colour": ("颜色", "Colour"),
    "compared": ("与来源比较", "Compared with the feed"),
    "concentration": ("浓度", "Concentration"),
    "conditions": ("条件(预报/要求)", "Conditions (forecast / asked)"),
    "counts": ("参评项目数", "Items judged"),
    "daily_limit": ("日限值", "Daily limit"),
    "daily_mean": ("日均值", "Daily mean"),
    "day": ("日期", "Day"),
    "day_max_8h": ("日最大 8 小时", "daily maximum 8 hours"),
    "days": ("天数", "Days"),
    "days_needed": ("所需天数", "Days needed"),
    "days_over": ("超标天数", "Days beyond"),
    "deciding": ("定类项目", "Deciding items"),
    "deteriorated": ("变差断面", "Sections that deteriorated"),
    "deducted": ("扣除日期", "Days deducted"),
    "difference": ("差值(本算-来源)", "Difference (ours less the feed's)"),
    "dimensionless": ("无量纲", "dimensionless"),
    "document": ("文件", "Document"),
    "edition": ("适用标准", "Edition applied"),
    "effect": ("对健康的影响", "Effect on health"),
    "exceeding": ("超标污染物", "Pollutants in exceedance"),
    "explanation": ("差异原因", "Why it differs"),
    "false_alarm_ratio": ("空报率 FAR(>100) %", "False alarms above 100, %"),
    "feed_aqi": ("来源 AQI", "AQI of the feed"),
    "forecasts": ("预报数", "Forecasts"),
    "good_days": ("优良天数", "Good days"),
    "hex": ("颜色值", "Colour value"),
    "hit_rate": ("命中率 POD(>100) %", "Hit rate above 100, %"),
    "hour": ("小时", "hour"),
    "hours_needed": ("所需小时数", "Hours needed"),
    "hydrogen": ("氢离子浓度", "hydrogen ions"),
    "iaqi": ("空气质量分指数 IAQI", "IAQI"),
    "improved": ("好转断面", "Sections that improved"),
    "in_force": ("按日期", "in force on the day"),
    "in_range": ("范围准确率 %", "Inside the range, %"),
    "index": ("指数", "Index"),
    "item": ("项目", "Item"),
    "items": ("项目", "Items"),
    "kept": ("达标", "Limits kept"),
    "lake": ("湖库", "lake or reservoir"),
    "lake_index": ("湖库指数", "Index of lakes"),
    "lake_sections": ("湖库点位数", "Points in lakes"),
    "largest_index": ("最大单项指数", "Largest single index"),
    "largest_multiple": ("最大超标倍数", "Largest exceedance multiple"),
    "last_day": ("末日", "Last day"),
    "lead": ("预报时效(天)", "Lead, days"),
    "leads": ("分时效", "By lead"),
    "level": ("级别", "Level"),
    "levels": ("各级别", "Levels"),
    "limit": ("限值", "Limit"),
    "limit_name": ("限值名称", "Limit in words"),
    "limits": ("采用限值", "Limits applied"),
    "main_item": ("主要污染物", "Main pollutant"),
    "main_pollutants": ("主要污染物(超标倍数)", "Main pollutants (multiple)"),
    "maximum_8h": ("日最大 8 小时均值", "Daily maximum 8-hour mean"),
    "mean": ("均值", "Mean"),
    "mean_over": ("均值超标", "Mean beyond"),
    "means": ("城市均值", "Means of the city"),
    "met": ("达到", "Met"),
    "missed": ("未达标断面", "Sections that miss"),
    "missing": ("缺少的污染物", "Pollutants missing"),
    "month": ("月份", "Month"),
    "months": ("各月", "Months"),
    "multiple": ("超标倍数", "Exceedance multiple"),
    "name": ("名称", "Name"),
    "numeral": ("级别(中文)", "Level in Chinese"),
    "over": ("超标", "Beyond the limit"),
    "parts": ("单项指数", "Single indices"),
    "percentile": ("百分位", "Percentile"),
    "percentile_over": ("百分位数超标", "Percentile beyond"),
    "percentile_value": ("百分位数浓度", "Concentration at it"),
    "persistence": ("持续性预报(基线)", "Persistence (baseline)"),
    "place": ("名次", "Place"),
    "points": ("有效点位", "Valid points"),
    "points_needed": ("所需点位数", "Points needed"),
    "primary": ("首要污染物", "Primary pollutants"),
    "primary_hit": ("首要污染物准确率 %", "Primary pollutant right, %"),
    "quarter": ("季", "quarter"),
    "rate": ("比例 %", "Share, %"),
    "rate_over": ("超标率 %", "Share beyond, %"),
    "rates_over": ("各项目超标率", "Samples beyond, by item"),
    "river": ("河流", "river"),
    "river_index": ("河流指数", "Index of rivers"),
    "river_sections": ("河流断面数", "Sections of rivers"),
    "rounded": ("修约值", "Rounded"),
    "rows": ("各断面", "Sections"),
    "rule": ("评分规则", "Rule of scoring"),
    "running_24h": ("24 小时滑动均值", "Running 24-hour means"),
    "running_8h": ("8 小时滑动均值", "Running 8-hour means"),
    "same_level": ("级别相同", "Same level"),
    "samples": ("样品数", "Samples"),
    "saturation": ("溶解氧饱和率 %", "Oxygen saturation, %"),
    "section": ("断面", "Section"),
    "sections": ("断面", "Sections"),
    "share": ("比例 %", "Share, %"),
    "share_best": ("Ⅰ~Ⅱ类比例 %", "Share of I and II, %"),
    "share_good": ("Ⅰ~Ⅲ类比例 %", "Share of I to III, %"),
    "share_worst": ("劣Ⅴ类比例 %", "Share worse than V, %"),
    "shares": ("类别比例", "Shares of classes"),
    "spanning_level": ("跨级准确率 %", "Spanning levels right, %"),
    "specific": ("表3 项目数", "Items of table 3"),
    "standard": ("标准", "Standard"),
    "state": ("营养状态", "Trophic state"),
    "statistic": ("统计量", "Statistic"),
    "status": ("水质状况", "Status"),
    "strict_level": ("级别准确率(严格)%", "Strict level right, %"),
    "supplementary": ("表2 项目数", "Items of table 2"),
    "target": ("目标类别", "Target class"),
    "target_limit": ("目标限值", "Limit of the target"),
    "unit": ("单位", "Unit"),
    "valid": ("有效", "Valid"),
    "valid_days": ("有效天数", "Valid days"),
    "valid_hours": ("有效小时数", "Valid hours"),
    "valid_windows": ("有效 8 小时均值数", "Valid 8-hour means"),
    "value": ("数值", "Value"),
    "verdict": ("评价", "Verdict"),
    "weight": ("权重", "Weight"),
    "whole_class": ("总体类别", "Class of the whole"),
    "whole_pollutants": ("总体主要污染物", "Main pollutants of the whole"),
    "whole_status": ("总体状况", "Status of the whole"),
    "windows_needed": ("所需 8 小时均值数", "8-hour means needed"),
    "within": ("AQI 偏差准确率 %", "AQI within the tolerance, %"),
    "worse": ("劣Ⅴ类", "worse than V"),
    "year": ("年", "year"),
    "yearly_limit": ("年均限值", "Yearly limit"),
}


def word_for(name: str) -> Text:
    """Return what people call a name of a question or an answer.

    Parameters
    ----------
    name : str
        A key, or the value of a choice.

    Returns
    -------
    Text
        The name itself, with blanks for underscores, where it has no other wording.

    Examples
    --------
    >>> word_for("primary").zh, word_for("PM2.5").en
    ('首要污染物', 'PM2.5')
    """
    if name in _WORDS:
        return Text(*_WORDS[name])
    plain = name.replace("_", " ")
    return Text(plain, plain)


def is_worded(name: str) -> bool:
    """Tell whether a name has a wording of its own.

    Parameters
    ----------
    name : str

    Returns
    -------
    bool
    """
    return name in _WORDS

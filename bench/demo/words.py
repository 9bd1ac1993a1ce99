"""What is said in the story: the two alerts, and what people write about the first one."""

from __future__ import annotations

from typing import Final

from bench.monitor import Alert

HALL_3: Final = Alert(
    labels={
        "alertname": "DataCentreDown",
        "severity": "critical",
        "kind": "system_outage",
        "product": "数据中心",
        "place": "北京三号厅",
        "scope": "order system, 12 customers",
    },
    summary="三号厅数据中心宕机",
    description="Data centre down, Hall 3. Both feeds are dead, the UPS is empty. 双路市电中断，UPS 已耗尽。",
)
GATEWAYS: Final = Alert(
    labels={
        "alertname": "GatewayLatency",
        "severity": "warning",
        "product": "smart-home gateway",
        "place": "Berlin",
    },
    summary="Smart-home gateways answer slowly",
)

UPDATE: Final = "三号厅双路市电中断，正在切换备用机房。Both feeds lost, failing over. 20 分钟内再通报。"
RESTORED: Final = "备用机房已接管全部业务。All services run from the standby site."
CAUSE: Final = "市电双路检修与 UPS 电池老化叠加。Both feeds in maintenance, UPS batteries aged."
MEASURE: Final = "更换全部电池；检修改为逐路。Batteries replaced, one feed at a time from now on."

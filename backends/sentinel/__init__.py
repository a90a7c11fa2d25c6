"""Microsoft Sentinel: Kusto queries and analytics rules."""

"""Rules beside an expert's search whose own text is not at hand: queries that ask what that search asks.

Each is written from the expert's search, in Elastic's words for the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping

_ENDPOINT = '"logs-endpoint.events.process-*", "logs-windows.sysmon_operational-*"'
_PARENTS = r"""process.parent.executable : ("?:\\Program Files\\Elastic\\*", "?:\\Windows\\System32\\services.exe",
  "?:\\Windows\\System32\\WerFault*.exe", "?:\\Windows\\System32\\wermgr.exe", "?:\\Windows\\explorer.exe")"""
_SHELLS = r"""process.parent.executable : ("?:\\Windows\\System32\\cmd.exe",
  "?:\\Windows\\System32\\SecurityHealthHost.exe", "?:\\Windows\\System32\\SecurityHealth\\*\\SecurityHealthHost.exe",
  "?:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe")"""


def _rule(kind: str, language: str, index: str, query: str, more: str = "") -> str:
    head = f'[metadata]\nmaturity = "production"\n[rule]\nname = "A rule"\ntype = "{kind}"\nlanguage = "{language}"\n'
    return f"{head}index = [{index}]\nfrom = \"now-9m\"\nquery = '''\n{query}\n'''\n{more}"


def _new_terms(fields: str, days: int) -> str:
    return (
        f'[rule.new_terms]\nfield = "new_terms_fields"\nvalue = [{fields}]\n'
        f'[[rule.new_terms.history_window_start]]\nfield = "history_window_start"\nvalue = "now-{days}d"\n'
    )


def _named(name: str, original: str) -> str:
    return f'(process.name : "{name}" or process.pe.original_file_name == "{original}")'


_DUMPS = "\n  or ".join(
    (
        f'({_named("procdump.exe", "procdump")} and process.args : "-ma")',
        r"""(process.name : "ProcessDump.exe" and not process.parent.executable :
        ("C:\\Program Files\\Cisco Systems\\*", "C:\\Program Files (x86)\\Cisco Systems\\*"))""",
        rf"""({_named("WriteMiniDump.exe", "WriteMiniDump.exe")} and not process.parent.executable :
        ("C:\\Program Files\\Steam\\*", "C:\\Program Files (x86)\\Steam\\*"))""",
        f"""({_named("rundll32.exe", "RUNDLL32.EXE")} and (process.args : "*MiniDump*" or process.command_line :
        ("*comsvcs*#*24*", "*#*24* full*", "*comsvcs*24* full*")))""",
        f'({_named("RdrLeakDiag.exe", "RdrLeakDiag.exe")} and process.args : "/fullmemdmp")',
        f'({_named("SqlDumper.exe", "SqlDumper.exe")} and process.args : "0x01100*")',
        f'({_named("TTTracer.exe", "TTTracer.exe")} and process.args : "-dumpFull" and process.args : "-attach")',
        f'({_named("ntdsutil.exe", "ntdsutil.exe")} and process.args : "cr*fu*")',
        f'({_named("diskshadow.exe", "diskshadow.exe")} and process.args : "/s")',
    )
)

DERIVED: Mapping[str, str] = {
    "credential_access_cmdline_dump_tool": _rule(
        "eql", "eql", _ENDPOINT, f'process where host.os.type == "windows" and event.type == "start" and (\n  {_DUMPS})'
    ),
    "defense_evasion_masquerading_as_elastic_endpoint_process": _rule(
        "eql",
        "eql",
        _ENDPOINT,
        f"""process where host.os.type == "windows" and event.type == "start" and
  process.name : ("esensor.exe", "elastic-endpoint.exe") and process.parent.executable != null and
  process.command_line != null and not {_PARENTS} and
  not ({_SHELLS} and process.args : ("test", "version", "top", "run", "*help", "status", "upgrade", "/launch",
    "/enable", "/av"))""",
    ),
    "credential_access_ssh_password_grabbing_via_strace": _rule(
        "eql",
        "eql",
        '"logs-endpoint.events.process-*"',
        """sequence by host.id with maxspan=3s
  [process where host.os.type == "linux" and event.type == "end" and process.name == "sshd"]
  [process where host.os.type == "linux" and event.type == "start" and process.name == "strace"]""",
    ),
    "persistence_ec2_security_group_configuration_change_detection": _rule(
        "query",
        "kuery",
        '"logs-aws.cloudtrail-*"',
        """event.dataset:aws.cloudtrail and event.provider:ec2.amazonaws.com and event.outcome:success and
  (event.action:(AuthorizeSecurityGroupIngress or AuthorizeSecurityGroupEgress or CreateSecurityGroup or
    ModifySecurityGroupRules or RevokeSecurityGroupEgress or RevokeSecurityGroupIngress) or
  (event.action:ModifyInstanceAttribute and aws.cloudtrail.flattened.request_parameters.groupSet.items.groupId:*))""",
    ),
    "exfiltration_exchange_transport_rule_creation": _rule(
        "query",
        "kuery",
        '"logs-o365.audit-*"',
        'event.dataset:o365.audit and event.provider:Exchange and event.action:"New-TransportRule" and '
        "event.outcome:success",
    ),
    "impact_aws_s3_bucket_enumeration_or_brute_force": _rule(
        "threshold",
        "kuery",
        '"logs-aws.cloudtrail-*"',
        "event.provider:s3.amazonaws.com and aws.cloudtrail.error_code:AccessDenied and tls.client.server_name:*",
        '[rule.threshold]\nfield = ["tls.client.server_name", "source.address", "aws.cloudtrail.user_identity.type"]\n'
        'value = 1\n[[rule.threshold.cardinality]]\nfield = "event.id"\nvalue = 40\n',
    ),
    "impact_volume_shadow_copy_deletion_or_resized_via_vssadmin": _rule(
        "eql",
        "eql",
        _ENDPOINT,
        f"""process where host.os.type == "windows" and event.type == "start" and
  {_named("vssadmin.exe", "VSSADMIN.EXE")} and process.args : "shadows*" and process.args : ("delete", "resize")""",
    ),
    "execution_suspicious_mkfifo_execution": _rule(
        "new_terms",
        "kuery",
        '"logs-endpoint.events.process-*"',
        """host.os.type:linux and event.category:process and event.type:start and process.name:mkfifo and
  process.parent.name:(bash or csh or dash or fish or ksh or sh or tcsh or zsh) and
  process.args:(/dev/shm/* or /tmp/* or /var/tmp/*) and not process.args:(/*fifo or /tmp/opencode_install*.trace or
    /var/tmp/dracut* or /var/tmp/portage/*)""",
        _new_terms('"host.id", "process.command_line"', 5),
    ),
    "exfiltration_s3_uncommon_client_user_agent": _rule(
        "new_terms",
        "kuery",
        '"logs-aws.cloudtrail-*"',
        "event.dataset:aws.cloudtrail and event.outcome:success and user_agent.original:(*S3 Browser* or *Cyberduck*)",
        _new_terms('"cloud.account.id", "user.name"', 7),
    ),
    "collection_sharepoint_file_download_via_powershell": _rule(
        "new_terms",
        "kuery",
        '"logs-o365.audit-*"',
        """event.dataset:o365.audit and event.provider:(SharePoint or OneDrive) and event.outcome:success and
  event.action:(FileDownloaded or FileAccessed) and
  user_agent.original:(*PowerShell* or *PnPPS* or *PnPCoreSDK* or *SharePointPnP*)""",
        _new_terms('"user.id", "user_agent.original"', 7),
    ),
    "credential_access_suspicious_comsvcs_imageload": _rule(
        "eql",
        "eql",
        '"logs-windows.sysmon_operational-*"',
        """sequence by process.entity_id with maxspan=1m
  [process where event.code == "1" and process.name : "rundll32.exe"]
  [process where event.code == "7" and (file.pe.original_file_name : "COMSVCS.DLL" or
    file.pe.imphash : "EADBCCBB324829ACB5F2BBE87E5549A8") and not file.name : "COMSVCS.DLL"]""",
    ),
}
"""The rule of each name."""

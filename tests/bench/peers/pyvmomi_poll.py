"""Lists every VM of a vCenter with pyVmomi, page by page, with the properties whose paths it reads
from a file. Prints what it cost as a line of JSON.

  pyvmomi_poll.py URL CA_FILE USERNAME PASSWORD_FILE PATHS_FILE
"""

import json
import resource
import ssl
import sys
import time
from urllib.parse import urlsplit

from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl


def filter_of(view, paths):
    collector = vmodl.query.PropertyCollector
    walk = collector.TraversalSpec(type=vim.view.ContainerView, path="view", skip=False)
    return collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=view, skip=True, selectSet=[walk])],
        propSet=[collector.PropertySpec(type=vim.VirtualMachine, all=False, pathSet=paths)],
    )


def pages_of(content, paths):
    view = content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)
    options = vmodl.query.PropertyCollector.RetrieveOptions()
    collector = content.propertyCollector
    page = collector.RetrievePropertiesEx([filter_of(view, paths)], options)
    while page is not None:
        yield page.objects
        if not page.token:
            break
        page = collector.ContinueRetrievePropertiesEx(page.token)
    view.DestroyView()


def poll(url, ca_file, username, password_file, paths_file):
    where = urlsplit(url)
    with open(password_file, encoding="utf-8") as file:
        password = file.read()
    with open(paths_file, encoding="utf-8") as file:
        paths = file.read().split()
    service = SmartConnect(host=where.hostname, port=where.port, user=username, pwd=password,
                           sslContext=ssl.create_default_context(cafile=ca_file))
    began = time.monotonic()
    vms = pages = balloon = 0
    for objects in pages_of(service.RetrieveContent(), paths):
        pages += 1
        vms += len(objects)
        for one in objects:
            for prop in one.propSet:
                if prop.name == "summary.quickStats":
                    balloon += prop.val.balloonedMemory or 0
    took = time.monotonic() - began
    Disconnect(service)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {"vms": vms, "pages": pages, "balloon_mib": balloon, "wall_ms": round(took * 1e3, 1),
            "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1e3, 1)}


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit("usage: pyvmomi_poll.py URL CA_FILE USERNAME PASSWORD_FILE PATHS_FILE")
    print(json.dumps(poll(*sys.argv[1:])))

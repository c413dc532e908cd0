package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"reflect"

	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
	"github.com/vmware/govmomi/vim25/xml"
)

// call is what the lab needs to know of a request before the simulator answers it.
type call struct {
	method  string
	this    types.ManagedObjectReference
	session string // the session's key, "" if there is no such cookie
	body    []byte
}

// readCall finds the method in a SOAP envelope: the first element of the body.
func readCall(body []byte) (*call, error) {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	inBody := false
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("no SOAP request: %w", err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case inBody:
			c := &call{method: start.Name.Local, body: body}
			var request struct {
				This types.ManagedObjectReference `xml:"_this"`
			}
			if err := decoder.DecodeElement(&request, &start); err != nil {
				return nil, err
			}
			c.this = request.This
			return c, nil
		default:
			inBody = start.Name.Local == "Body"
		}
	}
}

const (
	envelopeHead = xml.Header + `<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"` +
		` xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>`
	envelopeTail  = `</soapenv:Body></soapenv:Envelope>`
	faultEnvelope = envelopeHead + `<soapenv:Fault><faultcode>ServerFaultCode</faultcode>` +
		`<faultstring>%s</faultstring><detail>%s</detail></soapenv:Fault>` + envelopeTail
)

// faultAnswer is the HTTP answer that carries a fault.
func faultAnswer(fault *soap.Fault) (*answer, error) {
	detail := fault.VimFault()
	if detail == nil {
		return nil, errors.New("a fault without a detail")
	}
	kind := reflect.Indirect(reflect.ValueOf(detail)).Type().Name()
	start := xml.StartElement{
		Name: xml.Name{Local: kind + "Fault"},
		Attr: []xml.Attr{
			{Name: xml.Name{Local: "xmlns"}, Value: "urn:vim25"},
			{Name: xml.Name{Local: "xsi:type"}, Value: kind},
		},
	}
	var encoded bytes.Buffer
	if err := xml.NewEncoder(&encoded).EncodeElement(detail, start); err != nil {
		return nil, err
	}
	a := newAnswer(500)
	a.header.Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(&a.body, faultEnvelope, html.EscapeString(fault.String), encoded.String())
	return a, nil
}

// namedFault makes a fault from its class name, with the members that clients look at filled in.
func namedFault(name string, object types.ManagedObjectReference) (*soap.Fault, error) {
	kind, ok := types.TypeFunc()(name)
	if !ok {
		return nil, fmt.Errorf("fault %q is no vim25 type", name)
	}
	detail, ok := reflect.New(kind).Interface().(types.BaseMethodFault)
	if !ok {
		return nil, fmt.Errorf("fault %q is a vim25 type, but no fault", name)
	}
	switch f := detail.(type) {
	case *types.NotAuthenticated:
		return notAuthenticated(object), nil
	case *types.NoPermission:
		return noPermission(object, "System.View"), nil
	case *types.ManagedObjectNotFound:
		return objectNotFound(object), nil
	case *types.TaskInProgress:
		f.Task = types.ManagedObjectReference{Type: "Task", Value: "task-1"}
	}
	fault := &soap.Fault{Code: "ServerFaultCode", String: "The lab was told to answer with " + name + "."}
	fault.Detail.Fault = detail
	return fault, nil
}

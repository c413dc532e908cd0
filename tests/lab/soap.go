package main

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/http"
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
	a.Header().Set("Content-Type", "text/xml; charset=utf-8")
	fmt.Fprintf(&a.body, faultEnvelope, html.EscapeString(fault.String), encoded.String())
	return a, nil
}

// mustFault is for faults that the lab makes itself, which can be encoded.
func mustFault(fault *soap.Fault) *answer {
	a, err := faultAnswer(fault)
	if err != nil {
		a = newAnswer(http.StatusInternalServerError)
		a.body.WriteString(err.Error())
	}
	return a
}
